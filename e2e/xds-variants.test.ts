import { echoPod, echoService, expectNoRejections, startMesh, type MeshOptions } from "./harness/index.ts";

const input = [
  echoPod({ name: "client" }),
  echoPod({ name: "server-v1", app: "server", version: "v1" }),
  echoPod({ name: "server-v2", app: "server", version: "v2", env: { TCP_PORT: 9090 } }),
  echoService({ name: "server", ports: { http: [80, 8080], tcp: [9090] } }),
].join("");

const policy = (beta: string): string => `---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: server, namespace: default }
spec: { host: server, subsets: [{ name: one, labels: { version: v1 } }, { name: two, labels: { version: v2 } }] }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: server, namespace: default }
spec:
  hosts: [server]
  http:
    - { match: [{ headers: { x-beta: {} } }], route: [{ destination: { host: server, subset: ${beta} } }] }
    - { route: [{ destination: { host: server, subset: one }, headers: { response: { set: { x-by: mesh } } } }] }
`;

/** However policy reaches the Envoys, traffic goes the same way. */
it.each<[string, MeshOptions]>([
  ["a state-of-the-world stream", { protocol: "GRPC" }],
  ["a delta stream with whole route configurations", { flags: ["--no-vhds"] }],
])("%s: routes, changes and removals of policy", async (_, options) => {
  const mesh = await startMesh({ ...options, yaml: input });
  const versions = async (headers: Record<string, string> = {}): Promise<string[]> => {
    const sent = await mesh.request("client", "http://server/", { count: 20, headers });
    expect(sent.ok).toBe(20);
    return Object.keys(sent.byVersion).sort();
  };
  try {
    expect(await versions()).toEqual(["v1", "v2"]);
    await mesh.replacePolicy(policy("two"));
    expect([await versions(), await versions({ "x-beta": "1" })]).toEqual([["v1"], ["v2"]]);
    await mesh.replacePolicy(policy("one"));
    expect(await versions({ "x-beta": "1" })).toEqual(["v1"]);
    await mesh.replacePolicy();
    expect(await versions()).toEqual(["v1", "v2"]);
    await mesh.applyPolicy(echoService({ name: "late", app: "server" }));
    await mesh.updateWorkloads(); // for its name
    expect((await mesh.request("client", "http://late/")).ok).toBe(1);
    await expectNoRejections(mesh);
  } finally {
    await mesh.close();
  }
});
