import { echoPod, echoService, meshForSuite, waitFor } from "./harness/index.ts";

const asks = { "proxy.istio.io/config": `proxyMetadata: { ISTIO_META_DNS_CAPTURE: "true" }` };

/** A pod whose DNS its proxy answers, and a resolver on its loopback, which its resolv.conf names, for all other names. */
const client = `---
apiVersion: v1
kind: Pod
metadata:
  name: client
  namespace: default
  labels: { app: client, sidecar.istio.io/inject: "true" }
  annotations: ${JSON.stringify(asks)}
spec:
  serviceAccountName: client
  containers:
    - { name: app, command: [node, e2e/apps/echo.mjs], env: [{ name: PORT, value: "8080" }] }
    - { name: dns, command: [node, e2e/apps/dns.mjs], env: [{ name: ADDRESS, value: 203.0.113.9 }] }
`;

/** Two hosts that no /etc/hosts knows, on one TCP port: only the address that is called tells them apart. */
const entry = (name: string): string => `---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: ${name}, namespace: default }
spec:
  hosts: [${name}.example.com]
  location: MESH_INTERNAL
  resolution: STATIC
  workloadSelector: { labels: { app: ${name} } }
  ports:
    - { name: tcp, number: 5432, targetPort: 9000, protocol: TCP }
    - { name: http, number: 80, targetPort: 8080, protocol: HTTP }
`;

const mesh = meshForSuite({
  yaml: [
    client,
    echoPod({ name: "plain" }),
    ...["one", "two"].flatMap((name) => [echoPod({ name, env: { PORT: "8080,9000" } }), entry(name)]),
    echoService({ name: "one" }),
    echoService({ name: "peers", app: "two", headless: true }),
    echoService({ name: "far", namespace: "other", app: "none" }),
  ].join(""),
});

/** Addresses by DNS alone, never by /etc/hosts; the code where there are none. */
async function resolve4(pod: string, name: string, kind = "resolve4"): Promise<unknown> {
  const script = `require("node:dns").promises.${kind}(${JSON.stringify(name)}).then(
    (all) => console.log(JSON.stringify(all)), (error) => console.log(JSON.stringify(error.code)))`;
  return JSON.parse(await mesh().exec(pod, ["node", "-e", script])) as unknown;
}

async function serviceOf(pod: string, url: string): Promise<unknown> {
  const { answers } = await mesh().request(pod, url);
  return answers[0]?.body?.service ?? answers[0]?.error;
}

it("resolves services by full and short names, headless ones to their pods", async () => {
  const [address] = (await resolve4("client", "one.default.svc.cluster.local")) as string[];
  expect(address).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
  for (const name of ["one", "one.default", "one.default.svc"]) {
    expect([name, await resolve4("client", name)]).toEqual([name, [address]]);
  }
  expect(await resolve4("client", "far.other")).toEqual([expect.stringMatching(/^\d/)]);
  expect(await resolve4("client", "peers.default.svc.cluster.local")).toEqual([mesh().addressOf("two")]);
});

it("gives hosts without addresses one of their own, by which TCP reaches the right one", async () => {
  const addresses = await Promise.all(["one", "two"].map((name) => resolve4("client", `${name}.example.com`)));
  expect(addresses).toEqual([[expect.stringMatching(/^240\.240\./)], [expect.stringMatching(/^240\.240\./)]]);
  expect(new Set(addresses.flat()).size).toBe(2);
  for (const name of ["one", "two"]) {
    expect(await serviceOf("client", `http://${name}.example.com:5432/`)).toBe(name);
    expect(await serviceOf("client", `http://${name}.example.com/`)).toBe(name);
  }
});

it("asks the workload's resolver for all other names", async () => {
  expect(await resolve4("client", "elsewhere.example.org")).toEqual(["203.0.113.9"]);
  const stats = await mesh().envoyStats("client", "^dns_filter\\.dns\\.");
  expect(stats["dns_filter.dns.external_a_record_answers"]).toBeGreaterThan(0);
});

it("leaves the DNS of others alone", async () => {
  expect(await resolve4("plain", "one.example.com")).toBe("ECONNREFUSED");
});

it("follows the mesh: a name that comes is answered, one that goes is somebody else's", async () => {
  await mesh().replacePolicy(entry("three"));
  await waitFor("the new name", async () =>
    String(await resolve4("client", "three.example.com")).startsWith("240.240."),
  );
  await mesh().replacePolicy();
  await waitFor("its end", async () => String(await resolve4("client", "three.example.com")) === "203.0.113.9");
});

it("a restart of the control plane changes no address", async () => {
  const before = await resolve4("client", "one.example.com");
  await mesh().restartControlPlane();
  await waitFor("the proxy to be connected again", async () => {
    const stats = await mesh().envoyStats("client", "^control_plane\\.connected_state$");
    return stats["control_plane.connected_state"] === 1;
  });
  expect(await resolve4("client", "one.example.com")).toEqual(before);
});
