import { echoPod, echoService, meshForSuite, waitFor } from "./harness/index.ts";

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

it("clusters that hash find endpoints that come when the clusters are long there (Envoy issue 45344)", async () => {
  for (const host of hosts) expect((await ask(host, 3)).byStatus).toEqual({ 503: 3 });
  await mesh().writePolicy("input.yaml", before + echoPod({ name: "server" }));
  await mesh().updateWorkloads();
  for (const host of hosts) {
    await waitFor(`an answer of ${host}`, async () => (await ask(host, 1)).ok === 1);
    expect((await ask(host, 20)).byStatus).toEqual({ 200: 20 });
  }
});
