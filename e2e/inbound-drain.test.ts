import { echoPod, echoService, expectNoRejections, startMesh, waitFor, type TestMesh } from "./harness/index.ts";

const url = "http://server/";

/** 8080, where the service leads, is named no more: what comes there is passed through. */
const withoutListener = `apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: server, namespace: default }
spec:
  workloadSelector: { labels: { app: server } }
  ingress: [{ port: { number: 9000, protocol: HTTP, name: http } }]
`;

describe.each(["DELTA_GRPC", "GRPC"] as const)("over %s", (protocol) => {
  let mesh: TestMesh;

  beforeAll(async () => {
    const yaml = [
      echoPod({ name: "client" }),
      echoPod({ name: "server", env: { PORT: "8080,9000" } }),
      echoService({ name: "server" }),
    ].join("");
    mesh = await startMesh({ yaml, protocol });
  });

  afterAll(async () => {
    try {
      await expectNoRejections(mesh);
    } finally {
      await mesh.close();
    }
  });

  it("a port that is named no more, and again, costs callers with open connections no request", async () => {
    const load = mesh.startLoad("client", url, { concurrency: 4 });
    await answered(100);
    await mesh.replacePolicy(withoutListener);
    await answered(200); // by the chain that drains, and the one that passes through
    await mesh.replacePolicy();
    await answered(100);
    const { failed, byStatus, sent, errors } = await load.stop();
    expect({ failed, errors }).toEqual({ failed: 0, errors: {} });
    expect(byStatus["200"]).toBe(sent);
  });

  /** Waits until the server has answered so many more requests, of whatever kind. */
  async function answered(more: number): Promise<void> {
    const count = async () => {
      const stats = await mesh.envoyStats("client", "^cluster\\.outbound.80..server.*\\.upstream_rq_completed$");
      return Object.values(stats).reduce((sum, n) => sum + n, 0);
    };
    const start = await count();
    await waitFor(`${more} answers`, async () => (await count()) >= start + more);
  }
});
