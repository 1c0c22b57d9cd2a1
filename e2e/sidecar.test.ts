import { echoPod, echoService, meshForSuite, serverStats, type Answer, type RequestOptions } from "./harness/index.ts";

/** `server` listens on 8080, where its service leads, and on 9000, where none does. */
const mesh = meshForSuite({
  yaml: [
    echoPod({ name: "client" }),
    echoPod({ name: "server", env: { PORT: "8080,9000" } }),
    echoService({ name: "server" }),
    echoPod({ name: "quiet" }),
    echoService({ name: "quiet" }),
    echoService({ name: "elsewhere", namespace: "other" }),
    echoPod({ name: "elsewhere", namespace: "other" }),
  ].join(""),
});

const sidecar = (app: string, spec: string): string => `---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: ${app}, namespace: default }
spec:
  workloadSelector: { labels: { app: ${app} } }
  ${spec}
`;

async function ask(url: string, options: RequestOptions = {}): Promise<Answer> {
  const { answers } = await mesh().request("client", url, options);
  return answers[0] ?? { status: 0, ms: 0, headers: {} };
}

describe("egress", () => {
  it("hides the services that it does not name; with REGISTRY_ONLY they cannot be reached", async () => {
    await mesh().replacePolicy();
    expect((await ask("http://elsewhere.other/")).status).toBe(200);
    await mesh().replacePolicy(
      sidecar("client", `egress: [{ hosts: ["./*"] }]\n  outboundTrafficPolicy: { mode: REGISTRY_ONLY }`),
    );
    expect((await ask("http://elsewhere.other/")).status).toBe(502);
    expect((await ask("http://server/")).status).toBe(200);
  });

  it("~/* imports nothing: a workload that calls nobody", async () => {
    await mesh().replacePolicy(
      sidecar("client", `egress: [{ hosts: ["~/*"] }]\n  outboundTrafficPolicy: { mode: REGISTRY_ONLY }`),
    );
    for (const host of ["server", "quiet", "elsewhere.other"])
      expect((await ask(`http://${host}/`)).status).not.toBe(200);
    expect(Object.keys(await mesh().envoyStats("client", "^cluster\\.outbound.*membership_total$"))).toEqual([]);
  });

  it("leaves out what is excluded", async () => {
    const but = `"*/*", "~other/elsewhere.other.svc.cluster.local"`;
    await mesh().replacePolicy(
      sidecar("client", `egress: [{ hosts: [${but}] }]\n  outboundTrafficPolicy: { mode: REGISTRY_ONLY }`),
    );
    expect((await ask("http://elsewhere.other/")).status).toBe(502);
    expect((await ask("http://server/")).status).toBe(200);
  });
});

describe("ingress", () => {
  it("leads a port to where the app is said to listen", async () => {
    await mesh().replacePolicy(
      sidecar(
        "server",
        `ingress: [{ port: { number: 8080, protocol: HTTP, name: http }, defaultEndpoint: "127.0.0.1:9000" }]`,
      ),
    );
    expect(await ask("http://server/")).toMatchObject({ status: 200, body: { port: 9000 } });
  });

  it("passes through what its listeners do not name", async () => {
    await mesh().replacePolicy(sidecar("quiet", `ingress: [{ port: { number: 9000, protocol: HTTP } }]`));
    expect(await ask("http://quiet/")).toMatchObject({ status: 200, body: { port: 8080 } });
    const stats = await mesh().envoyStats("quiet", "http.InboundPassthroughCluster.downstream_rq_total");
    expect(Object.values(stats)).toEqual([1]);
  });

  const burst: RequestOptions = { count: 20, concurrency: 20, headers: { "x-delay": "300" } };
  const limits = `{ tcp: { maxConnections: 1 }, http: { http1MaxPendingRequests: 1 } }`;

  it.each([
    ["one listener", `ingress: [{ port: { number: 8080, protocol: HTTP }, connectionPool: ${limits} }]`],
    ["every port", `inboundConnectionPool: ${limits}`],
  ])("keeps the load off the app: limits of %s", async (_, spec) => {
    await mesh().replacePolicy(sidecar("server", spec));
    await mesh().request("client", `http://${mesh().addressOf("server")}:9000/-/stats`, { method: "DELETE" });
    const { byStatus } = await mesh().request("client", "http://server/", burst);
    expect(byStatus["200"]).toBeGreaterThanOrEqual(1);
    expect(byStatus["503"]).toBeGreaterThanOrEqual(10);
    const { maxInFlight } = await serverStats(mesh(), "client", "server");
    expect(maxInFlight).toBeLessThanOrEqual(2); // the next may come before the app has counted the last out
  });
});
