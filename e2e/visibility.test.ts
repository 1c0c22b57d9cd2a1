import { echoPod, echoService, meshConfig, meshForSuite, policy, type Summary } from "./harness/index.ts";

const mesh = meshForSuite({
  yaml: [
    echoPod({ name: "client" }),
    echoPod({ name: "special", labels: { role: "special" } }),
    echoPod({ name: "server" }),
    echoService({ name: "server" }),
    echoPod({ name: "server", namespace: "other", version: "other" }),
    echoService({ name: "server", namespace: "other" }),
  ].join(""),
});

const refusing = { http: [{ directResponse: { status: 418 } }] };
/** Callers to whom this rule applies show no certificate. */
const plaintext = { trafficPolicy: { tls: { mode: "DISABLE" } } };
const send = (url: string, pod = "client"): Promise<Summary> => mesh().request(pod, url);
/** Whether the server has seen the caller's certificate. */
async function isKnown(url: string, pod?: string): Promise<boolean> {
  const { answers } = await send(url, pod);
  expect(answers[0]?.status).toBe(200);
  return answers[0]?.body?.headers["x-forwarded-client-cert"] !== undefined;
}

it("a short name is the caller's own namespace's, a longer one says which", async () => {
  await mesh().replacePolicy();
  expect((await send("http://server/")).byVersion).toEqual({ v1: 1 });
  expect((await send("http://server.other/")).byVersion).toEqual({ other: 1 });
});

describe("exportTo", () => {
  it("a VirtualService counts for the namespaces that it names", async () => {
    const of = (exportTo: string): string =>
      policy("VirtualService", "refuse", { hosts: ["server"], exportTo: [exportTo], ...refusing }, "other");
    await mesh().replacePolicy(of("."));
    expect((await send("http://server.other/")).byStatus).toEqual({ 200: 1 });
    await mesh().replacePolicy(of("default"));
    expect((await send("http://server.other/")).byStatus).toEqual({ 418: 1 });
    expect((await send("http://server/")).byStatus).toEqual({ 200: 1 });
  });

  it("so do a DestinationRule and a ServiceEntry", async () => {
    const of = (exportTo: string): string =>
      policy("DestinationRule", "plain", { host: "server", exportTo: [exportTo], ...plaintext }, "other") +
      policy("ServiceEntry", "entry", { ...entry, exportTo: [exportTo] }, "other");
    const entry = {
      hosts: ["entry.example"],
      addresses: ["192.0.2.131"],
      resolution: "STATIC",
      ports: [{ number: 80, name: "http", protocol: "HTTP", targetPort: 8080 }],
      endpoints: [{ address: mesh().addressOf("server") }],
    };
    await mesh().replacePolicy(of("."));
    expect(await isKnown("http://server.other/")).toBe(true);
    expect((await send("http://192.0.2.131/")).ok).toBe(0);
    await mesh().replacePolicy(of("default"));
    expect(await isKnown("http://server.other/")).toBe(false);
    expect((await send("http://192.0.2.131/")).byVersion).toEqual({ v1: 1 });
  });

  it("is what the mesh says where they say nothing", async () => {
    const rules =
      policy("VirtualService", "refuse", { hosts: ["server.default.svc.cluster.local"], ...refusing }, "other") +
      policy("DestinationRule", "plain", { host: "server", ...plaintext }, "other");
    await mesh().replacePolicy(rules);
    expect((await send("http://server/")).byStatus).toEqual({ 418: 1 });
    expect(await isKnown("http://server.other/")).toBe(false);
    const here = { defaultVirtualServiceExportTo: ["."], defaultDestinationRuleExportTo: ["."] };
    await mesh().replacePolicy(rules + meshConfig(here));
    expect((await send("http://server/")).byStatus).toEqual({ 200: 1 });
    expect(await isKnown("http://server.other/")).toBe(true);
    await mesh().replacePolicy(meshConfig({ defaultServiceExportTo: ["."] }));
    expect((await send("http://server.other/")).ok).toBe(0);
    expect((await send("http://server/")).ok).toBe(1);
  });
});

it("workloadSelector: a DestinationRule counts for the workloads that it selects", async () => {
  const workloadSelector = { matchLabels: { role: "special" } };
  await mesh().replacePolicy(policy("DestinationRule", "plain", { host: "server", workloadSelector, ...plaintext }));
  expect(await isKnown("http://server/", "special")).toBe(false);
  expect(await isKnown("http://server/", "client")).toBe(true);
});

it("rootNamespace: its rules are everybody's", async () => {
  const rule = policy("DestinationRule", "plain", { host: "*.svc.cluster.local", ...plaintext }, "policies");
  await mesh().replacePolicy(rule);
  expect(await isKnown("http://server/")).toBe(true);
  await mesh().replacePolicy(rule + meshConfig({ rootNamespace: "policies" }));
  expect(await isKnown("http://server/")).toBe(false);
});

it("delegate: a team's own rules for its part of a host", async () => {
  const delegated = { match: [{ uri: { prefix: "/team" } }], delegate: { name: "team", namespace: "other" } };
  const main = { hosts: ["server"], http: [delegated, { route: [{ destination: { host: "server" } }] }] };
  await mesh().replacePolicy(
    policy("VirtualService", "main", main) + policy("VirtualService", "team", refusing, "other"),
  );
  expect((await send("http://server/team/x")).byStatus).toEqual({ 418: 1 });
  expect((await send("http://server/x")).byStatus).toEqual({ 200: 1 });
});
