import { clientPod, documents, echoService } from "./echo-services.ts";
import { bound, itSurvives } from "./harness/figures.ts";
import { expectNoRejections, startMesh, waitFor, type TestMesh } from "./harness/index.ts";

const url = "http://reviews:8080/";
const flips = bound({ short: 50, long: 1_000 });

/** All goes to one subset, of a name that no other version of this policy has: its cluster comes and goes with it. */
const toSubset = (n: number) => `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: default }
spec:
  host: reviews
  subsets: [{ name: only-${n}, labels: { version: v${(n % 2) + 1} } }]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: default }
spec:
  hosts: [reviews]
  http:
    - headers: { response: { set: { x-flip: "${n}" } } }
      route: [{ destination: { host: reviews, subset: only-${n} } }]
`;

describe.each(["DELTA_GRPC", "GRPC"] as const)("over %s", (protocol) => {
  let mesh: TestMesh;

  beforeAll(async () => {
    mesh = await startMesh({ yaml: documents(clientPod("web"), echoService("reviews", ["v1", "v2"])), protocol });
    await mesh.writePolicy("policy.yaml", toSubset(0));
    await waitFor("the policy to be live", async () => (await flip()) === "0");
  });

  afterAll(async () => {
    try {
      await expectNoRejections(mesh);
    } finally {
      await mesh.close();
    }
  });

  async function flip(): Promise<string | undefined> {
    const { answers } = await mesh.request("web", url);
    return answers[0]?.headers["x-flip"];
  }

  itSurvives(
    "F16",
    `a route flips ${flips} times to a cluster that is new, under load (${protocol})`,
    async () => {
      const load = mesh.startLoad("web", url, { concurrency: 4 });
      for (let n = 1; n <= flips; n++) await flipTo(n);
      const { failed, errors, byStatus, sent } = await load.stop();
      const stats = await mesh.envoyStats("web", "^cluster_manager\\.cluster_(added|removed)$");
      expect(stats["cluster_manager.cluster_removed"]).toBe(flips);
      const how = failed > 0 ? `: ${JSON.stringify({ ...byStatus, ...errors })}` : "";
      const figure = `${failed} of ${sent} requests failed${how}`;
      return { requests: sent, failed, figure, limit: "0", pass: failed === 0 && byStatus[200] === sent };
    },
    1_800_000,
  );

  /** Waits until the old cluster is gone, which is the last thing that happens. */
  async function flipTo(n: number): Promise<void> {
    await mesh.writePolicy("policy.yaml", toSubset(n));
    await waitFor(`flip ${n}`, async () => {
      const { "cluster_manager.cluster_removed": removed } = await mesh.envoyStats("web", "cluster_removed");
      return removed === n;
    });
  }
});
