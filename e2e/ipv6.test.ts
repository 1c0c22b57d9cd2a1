import { converse, echoPod, echoService, meshForSuite } from "./harness/index.ts";

const families = (list: string) => ({ "heddle.io/ip-families": list });
const ports = { http: [80, 8080], tcp: [9000] } as const;
const asks = { "proxy.istio.io/config": `proxyMetadata: { ISTIO_META_DNS_CAPTURE: "true" }` };

/** A pod of IPv6 alone whose DNS its proxy answers, with a resolver for all other names on its loopback. */
const resolving = `---
apiVersion: v1
kind: Pod
metadata:
  name: resolving
  namespace: default
  labels: { app: resolving, sidecar.istio.io/inject: "true" }
  annotations: ${JSON.stringify({ ...asks, ...families("IPv6") })}
spec:
  serviceAccountName: resolving
  containers:
    - { name: dns, command: [node, e2e/apps/dns.mjs], env: [{ name: LISTEN, value: "::1" }, { name: ADDRESS6, value: "2001:db8::9" }] }
`;

const entry = `---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: db, namespace: default }
spec:
  hosts: [db.example.com]
  location: MESH_INTERNAL
  resolution: STATIC
  workloadSelector: { labels: { app: six } }
  ports: [{ name: tcp, number: 5432, targetPort: 8081, protocol: TCP }]
`;

const strict = (mode: string): string => `---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: default }
spec: { mtls: { mode: ${mode} } }
`;

const mesh = meshForSuite({
  yaml: [
    echoPod({ name: "client4" }),
    echoPod({ name: "client6", annotations: families("IPv6") }),
    echoPod({ name: "client46", annotations: families("IPv4,IPv6") }),
    echoPod({ name: "six", annotations: families("IPv6"), env: { PORT: "8080,8081", TCP_PORT: 9000 } }),
    echoPod({ name: "dual", annotations: families("IPv4,IPv6"), env: { TCP_PORT: 9000 } }),
    echoService({ name: "six", ports, ipFamilies: ["IPv6"] }),
    echoService({ name: "dual", ports, ipFamilies: ["IPv4", "IPv6"] }),
    echoService({ name: "client6", ipFamilies: ["IPv6"] }),
    echoService({ name: "peers", app: "six", ports: { tcp: [9000] }, headless: true }),
    resolving,
    entry,
  ].join(""),
});

const identity = (account: string) => `URI=spiffe://cluster.local/ns/default/sa/${account}`;
const bodyOf = async (pod: string, url: string) => {
  const [answer] = (await mesh().request(pod, url)).answers;
  if (!answer?.body) throw new Error(`no answer of the app: ${JSON.stringify(answer)}`);
  return answer.body;
};
/** The addresses that /etc/hosts has for a name. */
const addressesOf = async (pod: string, name: string): Promise<string[]> =>
  (await mesh().exec(pod, ["getent", "ahosts", name]))
    .split("\n")
    .filter((line) => line.includes("STREAM"))
    .map((line) => line.split(" ")[0] ?? "");

it("runs pods of IPv6 alone: sidecars reach the control plane, callers reach them, by mTLS through both sidecars", async () => {
  const { service, headers, peer } = await bodyOf("client6", "http://six/hello");
  expect(service).toBe("six");
  expect(headers["x-forwarded-client-cert"]).toContain(identity("client6"));
  expect(peer).toBe("::6"); // what ip6tables lets through to the app
});

it("leads an app that calls itself through its service in by the front door", async () => {
  const { service, headers } = await bodyOf("client6", "http://client6/");
  expect(service).toBe("client6");
  expect(headers["x-forwarded-client-cert"]).toContain(identity("client6"));
});

it("goes by the other version where one is broken", async () => {
  const rule = ["OUTPUT", "-p", "tcp", "--syn", "--dport", "8080", "-j", "REJECT", "--reject-with", "tcp-reset"];
  await mesh().exec("client46", ["iptables", "-I", ...rule]);
  const { byStatus } = await mesh().request("client46", "http://dual/", { count: 20 });
  expect(byStatus).toEqual({ 200: 20 });
  await mesh().exec("client46", ["iptables", "-D", ...rule]);
});

it("serves a dual-stack service to callers of either version, and of both under each of its addresses", async () => {
  for (const pod of ["client4", "client6"]) {
    const { service, headers } = await bodyOf(pod, "http://dual/");
    expect([service, headers["x-forwarded-client-cert"]]).toEqual(["dual", expect.stringContaining(identity(pod))]);
  }
  const addresses = await addressesOf("client46", "dual");
  expect(addresses.map((address) => address.includes(":")).sort()).toEqual([false, true]);
  for (const address of addresses) {
    const host = address.includes(":") ? `[${address}]` : address;
    const { service, headers } = await bodyOf("client46", `http://${host}/`);
    expect([service, headers["x-forwarded-client-cert"]]).toEqual([
      "dual",
      expect.stringContaining(identity("client46")),
    ]);
  }
});

it("carries TCP by IPv6, by a service's address and by a headless one's", async () => {
  for (const host of ["six", "peers"]) {
    const { received } = await converse(mesh(), "client6", { host, port: 9000, send: "echo me", until: "echo me" });
    expect(received).toBe("six v1\necho me");
  }
});

it("takes plaintext by IPv6 while that is allowed, and none under STRICT", async () => {
  const [address = ""] = mesh().workload("six").pod.spec.podIPs;
  const outside = async () => (await mesh().requestFromOutside(`http://[${address}]:8080/`)).answers[0]?.status;
  expect(await outside()).toBe(200);
  await mesh().applyPolicy(strict("STRICT"));
  expect(await outside()).toBe(0);
  expect((await bodyOf("client6", "http://six/")).service).toBe("six");
  await mesh().replacePolicy();
});

it("shows readiness and Prometheus by IPv6", async () => {
  const [address = ""] = mesh().workload("six").pod.spec.podIPs;
  for (const path of ["15021/healthz/ready", "15090/stats/prometheus"])
    expect((await mesh().requestFromOutside(`http://[${address}]:${path}`)).answers[0]?.status).toBe(200);
});

it("answers AAAA: mesh names, addresses for hosts without, and all other names by the workload's resolver", async () => {
  const resolve6 = async (name: string): Promise<unknown> => {
    const script = `require("node:dns").promises.resolve6(${JSON.stringify(name)}).then(
      (all) => console.log(JSON.stringify(all)), (error) => console.log(JSON.stringify(error.code)))`;
    return JSON.parse(await mesh().exec("resolving", ["node", "-e", script])) as unknown;
  };
  expect(await resolve6("six.default")).toEqual(await addressesOf("client6", "six"));
  expect(await resolve6("peers.default.svc.cluster.local")).toEqual([mesh().addressOf("six")]);
  expect(await resolve6("db.example.com")).toEqual([expect.stringMatching(/^2001:2::f0f0:/)]);
  expect(await resolve6("elsewhere.example.org")).toEqual(["2001:db8::9"]);
  expect((await bodyOf("resolving", "http://db.example.com:5432/")).service).toBe("six");
});

it("takes the address that Envoy calls apps from away with the rules", async () => {
  const netns = mesh().workload("client46").namespace.name;
  const command = async (word: string) =>
    expect(await mesh().heddle(["iptables", word, "--netns", netns])).toMatchObject({ status: 0 });
  const own = () => mesh().exec("client46", ["ip", "-6", "addr", "show", "dev", "lo"]);
  expect(await own()).toContain("::6/128");
  await command("clean");
  expect(await own()).not.toContain("::6/128");
  expect(await mesh().exec("client46", ["ip6tables-save", "-t", "nat"])).not.toContain("ISTIO");
  await command("apply");
  await command("apply");
  expect(await own()).toContain("::6/128");
});
