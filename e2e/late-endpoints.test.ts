import { echoPod, echoService, meshForSuite, policy, waitFor } from "./harness/index.ts";

const balancers = { ring: "ringHash: { minimumRingSize: 64 }", maglev: "maglev: { tableSize: 101 }" } as const;
const hosts = Object.keys(balancers) as (keyof typeof balancers)[];

const sticky = (host: keyof typeof balancers): string => `---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: ${host}, namespace: default }
spec:
  host: ${host}
  trafficPolicy: { loadBalancer: { consistentHash: { httpHeaderName: x-user, ${balancers[host]} } } }
`;

const before = [
  echoPod({ name: "client" }),
  ...hosts.flatMap((name) => [echoService({ name, app: "server" }), sticky(name)]),
].join("");
const mesh = meshForSuite({ yaml: before });

const ask = (host: string, count: number) =>
  mesh().request("client", `http://${host}/`, { count, headers: { "x-user": "{n}" } });

const outside = { address: "10.244.0.1", veteran: 9701, newcomer: 9702 };
const warmups = {
  slow: { warmup: { duration: "12s", minimumPercent: 1 } },
  eager: { warmup: { duration: "12s", minimumPercent: 1, aggression: 10 } },
  floored: { warmup: { duration: "12s", minimumPercent: 95 } },
  older: { warmupDurationSecs: "12s" },
  least: { simple: "LEAST_REQUEST", warmup: { duration: "12s", minimumPercent: 1 } },
} as const;
/** A host for each way to warm up, all with the same endpoints. */
const warming = (...ports: number[]): string =>
  Object.entries(warmups)
    .map(
      ([name, loadBalancer], index) =>
        policy("ServiceEntry", name, {
          hosts: [`${name}.example`],
          addresses: [`192.0.2.${60 + index}`],
          location: "MESH_EXTERNAL",
          resolution: "STATIC",
          ports: [{ number: 80, name: "http", protocol: "HTTP" }],
          endpoints: ports.map((http) => ({ address: outside.address, ports: { http } })),
        }) +
        policy("DestinationRule", name, {
          host: `${name}.example`,
          trafficPolicy: { loadBalancer: { simple: "ROUND_ROBIN", ...loadBalancer } },
        }),
    )
    .join("");

const warmMs = 12_000; // as written above
let warmAt = Infinity; // when the veteran has its whole share: it warmed up too

beforeAll(async () => {
  await mesh().startOutside(outside.veteran, { PORT: `${outside.veteran},${outside.newcomer}` });
  await mesh().applyPolicy(warming(outside.veteran));
  warmAt = performance.now() + warmMs;
});

it("clusters that hash find endpoints that come when the clusters are long there (Envoy issue 45344)", async () => {
  for (const host of hosts) expect((await ask(host, 3)).byStatus).toEqual({ 503: 3 });
  await mesh().writePolicy("input.yaml", before + echoPod({ name: "server" }));
  await mesh().updateWorkloads();
  for (const host of hosts) {
    await waitFor(`an answer of ${host}`, async () => (await ask(host, 1)).ok === 1);
    expect((await ask(host, 20)).byStatus).toEqual({ 200: 20 });
  }
});

it("an endpoint that comes to others gets its share little by little, as fast as the rule says", async () => {
  const toNewcomer = async (name: string): Promise<number> => {
    const { answers, ok } = await mesh().request("client", `http://${name}.example/`, { count: 120, keep: 120 });
    expect(ok).toBe(120);
    return answers.filter(({ body }) => body?.port === outside.newcomer).length;
  };
  await waitFor("the veteran to be warm", () => performance.now() > warmAt, { timeoutMs: 2 * warmMs });
  await mesh().applyPolicy(warming(outside.veteran, outside.newcomer));
  const shares = await Promise.all(Object.keys(warmups).map(toNewcomer));
  const [slow = 0, eager = 0, floored = 0, older = 0, least = 0] = shares;
  expect(floored).toBeGreaterThan(50); // nearly half
  expect(slow).toBeLessThan(0.8 * eager);
  expect(older).toBeLessThan(0.8 * floored);
  expect(least).toBeLessThan(0.8 * floored);
});
