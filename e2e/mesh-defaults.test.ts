import { echoPod, echoService, meshForSuite, serverStats, type Summary } from "./harness/index.ts";

/** No policy in this file names a service, unless to show that it wins over the defaults. */
const mesh = meshForSuite({
  yaml: [
    echoPod({ name: "client" }),
    echoPod({ name: "server" }),
    echoService({ name: "server" }),
    echoService({ name: "other", app: "server" }),
  ].join(""),
});

let keys = 0;
async function attemptsSeen(host: string): Promise<number | undefined> {
  keys += 1;
  const headers = { "x-request-key": `k${keys}`, "x-fail": "9" };
  await mesh().request("client", `http://${host}/`, { headers });
  return (await serverStats(mesh(), "client", "server")).byKey[`k${keys}`];
}

const burst = (host: string): Promise<Summary> =>
  mesh().request("client", `http://${host}/`, { count: 20, concurrency: 20, headers: { "x-delay": "200" } });

const narrow = `trafficPolicy: { connectionPool: { tcp: { maxConnections: 1 }, http: { http1MaxPendingRequests: 1 } } }`;
const everywhere = `---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: everywhere, namespace: istio-system }
spec: { host: "*.svc.cluster.local", ${narrow} }
`;

it("MeshConfig.defaultHttpRetryPolicy retries for every service; a route with its own policy keeps it", async () => {
  await mesh().replacePolicy(`---
apiVersion: mesh.istio.io/v1alpha1
kind: MeshConfig
metadata: { name: default, namespace: istio-system }
spec: { defaultHttpRetryPolicy: { attempts: 4, retryOn: "5xx" } }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: other, namespace: default }
spec: { hosts: [other], http: [{ retries: { attempts: 1, retryOn: "5xx" }, route: [{ destination: { host: other } }] }] }
`);
  expect([await attemptsSeen("server"), await attemptsSeen("other")]).toEqual([5, 2]);
  await mesh().replacePolicy();
  expect([await attemptsSeen("server"), await attemptsSeen("other")]).toEqual([1, 1]);
});

it("a DestinationRule for *.svc.cluster.local in the root namespace is everybody's circuit breaker", async () => {
  await mesh().replacePolicy(everywhere);
  expect((await burst("server")).byStatus["503"]).toBeGreaterThan(0);
  expect((await burst("other")).byStatus["503"]).toBeGreaterThan(0);
});

it("a service's own DestinationRule takes its place", async () => {
  await mesh().replacePolicy(`${everywhere}---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: other, namespace: default }
spec: { host: other, trafficPolicy: { loadBalancer: { simple: ROUND_ROBIN } } }
`);
  expect((await burst("server")).byStatus["503"]).toBeGreaterThan(0);
  expect((await burst("other")).byStatus).toEqual({ 200: 20 });
});

it("autoMtls: false turns mTLS off for callers", async () => {
  const seen = async (): Promise<string | undefined> => {
    const { answers } = await mesh().request("client", "http://server/");
    expect(answers[0]?.status).toBe(200);
    return answers[0]?.body?.headers["x-forwarded-client-cert"];
  };
  await mesh().replacePolicy(`---
apiVersion: mesh.istio.io/v1alpha1
kind: MeshConfig
metadata: { name: default, namespace: istio-system }
spec: { enableAutoMtls: false }
`);
  expect(await seen()).toBeUndefined();
  await mesh().replacePolicy();
  expect(await seen()).toContain("sa/client");
});
