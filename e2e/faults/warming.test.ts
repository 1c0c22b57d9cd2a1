import { clientPod, documents, echoService } from "../echo-services.ts";
import { bound, itSurvives } from "../harness/figures.ts";
import { expectNoRejections, startMesh, waitFor, type TestMesh } from "../harness/index.ts";

const url = "http://reviews:8080/";
const changes = bound({ short: 20, long: 200 });

const withTimeout = (ms: number): string => `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: default }
spec: { host: reviews, trafficPolicy: { connectionPool: { tcp: { connectTimeout: ${ms}ms } } } }
`;

describe.each(["DELTA_GRPC", "GRPC"] as const)("over %s", (protocol) => {
  let mesh: TestMesh;

  beforeAll(async () => {
    mesh = await startMesh({ yaml: documents(clientPod("web"), echoService("reviews", ["v1", "v2"])), protocol });
    await waitFor("an answer", async () => (await mesh.request("web", url)).ok === 1);
  });

  afterAll(async () => {
    try {
      await expectNoRejections(mesh);
    } finally {
      await mesh.close();
    }
  });

  const stat = async (name: string): Promise<number> => (await mesh.envoyStats("web", `^${name}$`))[name] ?? 0;

  itSurvives(
    "F17",
    `a cluster changes ${changes} times, its endpoints do not (${protocol})`,
    async () => {
      const load = mesh.startLoad("web", url, { concurrency: 2 });
      const first = await stat("cluster_manager.cluster_modified");
      let long = 0;
      let longest = 0;
      for (let n = 1; n <= changes; n++) {
        await mesh.writePolicy("timeout.yaml", withTimeout(1_000 + n));
        await waitFor(`change ${n}`, async () => (await stat("cluster_manager.cluster_modified")) >= first + n);
        const started = performance.now();
        await waitFor("an end of warming", async () => (await stat("cluster_manager.warming_clusters")) === 0);
        const ms = performance.now() - started;
        longest = Math.max(longest, ms);
        if (ms > 1_000) long += 1;
      }
      const { failed, sent } = await load.stop();
      return {
        ...{ requests: sent, failed },
        figure: `${changes} changes: ${long} warmed longer than 1 s (longest ${longest.toFixed(0)} ms), ${failed} of ${sent} requests failed`,
        limit: "0, 0",
        pass: long === 0 && failed === 0 && sent > 0,
      };
    },
    600_000,
  );
});
