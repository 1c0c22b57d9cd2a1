import { echoPod, echoService, meshForSuite, type Summary } from "./harness/index.ts";

/** Who calls, and three versions of who is called. */
const input = [
  echoService({ name: "client" }),
  echoService({ name: "server" }),
  echoPod({ name: "client" }),
  echoPod({ name: "server-v1", app: "server", version: "v1" }),
  echoPod({ name: "server-v2", app: "server", version: "v2" }),
  echoPod({ name: "server-v3", app: "server", version: "v3" }),
].join("");

const subsets = `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: server, namespace: default }
spec:
  host: server
  subsets:
    - { name: one, labels: { version: v1 } }
    - { name: two, labels: { version: v2 } }
    - { name: old, labels: { app: server } }
    - { name: nobody, labels: { version: v9 } }
---
`;

function routes(http: string): string {
  return `${subsets}apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: server, namespace: default }
spec:
  hosts: [server]
  http:
${http}`;
}

const mesh = meshForSuite({ yaml: input });

const send = (count: number, headers: Record<string, string> = {}): Promise<Summary> =>
  mesh().request("client", "http://server/", { count, concurrency: 4, headers });

const shareOf = ({ byVersion, count }: Summary, version: string): number => (byVersion[version] ?? 0) / count;

describe("weights", () => {
  it("without a policy, every pod gets its part", async () => {
    await mesh().replacePolicy();
    const { ok, byVersion } = await send(300);
    expect(ok).toBe(300);
    expect(Object.keys(byVersion).sort()).toEqual(["v1", "v2", "v3"]);
  });

  it("95 to 5: the share of the canary is 5 %, within 2", async () => {
    await mesh().replacePolicy(
      routes(`    - route:
        - { destination: { host: server, subset: one }, weight: 95 }
        - { destination: { host: server, subset: two }, weight: 5 }`),
    );
    const sent = await send(2000);
    expect(sent.ok).toBe(2000);
    expect(Math.abs(shareOf(sent, "v2") - 0.05)).toBeLessThan(0.02); // four standard deviations
    expect(sent.byVersion["v3"]).toBeUndefined();
  });

  it("weights are relative to their sum, and 0 gets nothing", async () => {
    await mesh().replacePolicy(
      routes(`    - route:
        - { destination: { host: server, subset: one }, weight: 3 }
        - { destination: { host: server, subset: two }, weight: 1 }
        - { destination: { host: server, subset: old }, weight: 0 }`),
    );
    const sent = await send(1000);
    expect(sent.ok).toBe(1000);
    expect(Math.abs(shareOf(sent, "v2") - 0.25)).toBeLessThan(0.06);
    expect(sent.byVersion["v3"]).toBeUndefined();
  });

  it("a single destination gets all, whatever its weight", async () => {
    await mesh().replacePolicy(routes(`    - route: [{ destination: { host: server, subset: two } }]`));
    expect((await send(50)).byVersion).toEqual({ v2: 50 });
  });
});

describe("subsets", () => {
  it("a subset that selects several versions reaches them all", async () => {
    await mesh().replacePolicy(routes(`    - route: [{ destination: { host: server, subset: old } }]`));
    expect(Object.keys((await send(200)).byVersion).sort()).toEqual(["v1", "v2", "v3"]);
  });

  it("a subset without pods, and one that is not defined, are 503; the rest goes on", async () => {
    await mesh().replacePolicy(
      routes(`    - match: [{ headers: { to: { exact: nobody } } }]
      route: [{ destination: { host: server, subset: nobody } }]
    - match: [{ headers: { to: { exact: undefined } } }]
      route: [{ destination: { host: server, subset: seven } }]
    - route: [{ destination: { host: server, subset: one } }]`),
    );
    expect((await send(5, { to: "nobody" })).byStatus).toEqual({ 503: 5 });
    expect((await send(5, { to: "undefined" })).byStatus).toEqual({ 503: 5 });
    expect((await send(5)).byVersion).toEqual({ v1: 5 });
  });
});
