import { clientPod, documents, echoService } from "./echo-services.ts";
import { itSurvives, measureFault } from "./harness/figures.ts";
import { expectNoRejections, startMesh, waitFor, type TestMesh } from "./harness/index.ts";

const url = "http://reviews:8080/";

const policy = `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: default }
spec:
  host: reviews
  trafficPolicy: { outlierDetection: { consecutive5xxErrors: 5 } }
  subsets: [{ name: v1, labels: { version: v1 } }, { name: v2, labels: { version: v2 } }]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: default }
spec:
  hosts: [reviews]
  http:
    - route:
        - { destination: { host: reviews, subset: v1 }, weight: 50 }
        - { destination: { host: reviews, subset: v2 }, weight: 50 }
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: default }
spec: { mtls: { mode: STRICT } }
`;

let mesh: TestMesh;

beforeAll(async () => {
  mesh = await startMesh({ yaml: documents(clientPod("web"), echoService("reviews", ["v1", "v2"]), policy) });
  await waitFor("the app to answer", async () => (await mesh.request("web", url, { count: 10 })).ok === 10);
});

afterAll(async () => {
  try {
    await expectNoRejections(mesh);
  } finally {
    await mesh.close();
  }
});

/** What counts up when a configuration that Envoy has is changed, added or taken away. */
const changes = [
  "listener_manager\\.listener_(added|modified|removed|in_place_updated)",
  "cluster_manager\\.cluster_(added|modified|removed)",
  ".*\\.(rds|vhds)\\..*\\.config_reload",
];

async function changesIn(pod: string): Promise<Readonly<Record<string, number>>> {
  return mesh.envoyStats(pod, `^(${changes.join("|")})$`);
}

async function isConnected(): Promise<boolean> {
  const { out } = await mesh.heddle(["status", "-o", "json"]);
  const { proxies } = JSON.parse(out) as { proxies: readonly { readonly state: string }[] };
  return proxies.length === 3 && proxies.every(({ state }) => state === "synced");
}

it.each(["SIGTERM", "SIGKILL"])("F02: a restart after %s with the same input changes nothing in any Envoy", (end) =>
  measureFault("F02", `restart after ${end}, the same input`, async () => {
    const before = await Promise.all(mesh.pods.map(changesIn));
    expect(before[0]?.["cluster_manager.cluster_added"]).toBeGreaterThan(0);
    if (end === "SIGKILL") await mesh.kill9();
    else await mesh.controlPlane.stop();
    await mesh.controlPlane.start();
    await waitFor("all sidecars to be in line again", isConnected);
    expect(await Promise.all(mesh.pods.map(changesIn))).toEqual(before);
    const counters = before.reduce((sum, stats) => sum + Object.keys(stats).length, 0);
    return { figure: `0 of ${counters} counters of changes moved in ${before.length} Envoys`, limit: "0", pass: true };
  }),
);

itSurvives("F02", "connections that are open, and the requests on them, over a restart", async () => {
  const load = mesh.startLoad("web", url, { concurrency: 4, headers: { "x-delay": "20" } });
  await waitFor("the load to be there", async () => (await active()) === 4);
  const { "listener.0.0.0.0_8080.downstream_cx_total": opened } = await connections();
  await mesh.restartControlPlane();
  await waitFor("all sidecars to be in line again", isConnected);
  expect(await active()).toBe(4);
  expect((await connections())["listener.0.0.0.0_8080.downstream_cx_total"]).toBe(opened);
  const { failed, sent } = await load.stop();
  expect(sent).toBeGreaterThan(20);
  const figure = `4 of 4 connections kept, ${failed} of ${sent} requests failed`;
  return { requests: sent, failed, figure, limit: "all, 0", pass: failed === 0 };
});

async function connections(): Promise<Readonly<Record<string, number>>> {
  return mesh.envoyStats("web", "^listener\\.0\\.0\\.0\\.0_8080\\.downstream_cx_(total|active)$");
}

async function active(): Promise<number> {
  return (await connections())["listener.0.0.0.0_8080.downstream_cx_active"] ?? 0;
}
