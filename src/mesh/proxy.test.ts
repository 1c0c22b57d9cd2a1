import { resolveProxy } from "./proxy.ts";
import { entryYaml, meshOf, podYaml, serviceYaml } from "./testing.ts";
import type { NodeClaim, ProxyClaim } from "./claim.ts";
import { viewFor } from "./view.ts";

const mesh = meshOf(
  serviceYaml("web") + podYaml("web-a", "web", "10.1.0.1") + entryYaml("vm", "default", "vm.com", ["10.3.0.1"]),
);
const identity = { namespace: "default", serviceAccount: "web" };
const id = (name: string, namespace: string, ip = "10.1.0.1") =>
  `sidecar~${ip}~${name}.${namespace}~${namespace}.svc.cluster.local`;

/** A claim as Istio's agent would make it. */
function claim(metadata: NodeClaim["metadata"], own: Partial<ProxyClaim["identity"]> = {}, nodeId = ""): ProxyClaim {
  return { identity: { ...identity, ...own }, node: { id: nodeId, metadata } };
}
const honest = { NAME: "web-a", NAMESPACE: "default", SERVICE_ACCOUNT: "web", INSTANCE_IPS: "10.1.0.1" };

describe("a proxy's claim", () => {
  it("is taken when the credential bears it out, from the metadata or from the node id", () => {
    expect(resolveProxy(mesh, claim(honest))).toMatchObject({ proxy: { name: "web-a", namespace: "default" } });
    expect(resolveProxy(mesh, claim({}, {}, id("web-a", "default")))).toMatchObject({
      proxy: { name: "web-a", type: "sidecar" },
    });
  });

  it.each<[string, ProxyClaim]>([
    ["nothing at all (F42)", claim({})],
    ["nothing but an id without a name", claim({}, {}, "sidecar~10.1.0.1~~")],
    ["no name", claim({ NAMESPACE: "default" })],
    ["no namespace", claim({ NAME: "web-a" })],
    ["another namespace (F41)", claim({ ...honest, NAMESPACE: "prod" })],
    ["another service account (F41)", claim({ ...honest, SERVICE_ACCOUNT: "admin" })],
    ["a namespace that its id contradicts", claim(honest, {}, id("web-a", "prod"))],
    ["a name that its id contradicts", claim(honest, {}, id("other", "default"))],
    [
      "a workload that runs as somebody else",
      claim({ NAME: "web-a", NAMESPACE: "default" }, { serviceAccount: "other" }),
    ],
    ["another workload than its credential is bound to", claim(honest, { workload: "web-b" })],
    ["fields of the wrong type", claim({ NAME: ["web-a"], NAMESPACE: { a: "default" } })],
    ["an identity without a service account", claim(honest, { serviceAccount: "" })],
  ])("is refused when it says %s", (_, wrong) => {
    expect(resolveProxy(mesh, wrong)).toEqual({ refused: expect.any(String) });
  });

  it("does not decide what a known workload is: the mesh does", () => {
    const liar = { ...honest, LABELS: { app: "admin" }, INSTANCE_IPS: "10.9.9.9" };
    expect(resolveProxy(mesh, claim(liar, { workload: "web-a" }))).toMatchObject({
      proxy: { labels: { app: "web" }, addresses: ["10.1.0.1"], serviceAccount: "web" },
    });
  });

  it("describes a workload that the mesh does not know, within its own namespace", () => {
    const vm = { NAME: "vm-1", NAMESPACE: "default", LABELS: { app: "vm", bad: 1 }, INSTANCE_IPS: "10.3.0.1, fd00::3" };
    const answer = resolveProxy(mesh, claim(vm, { serviceAccount: "vm" }));
    expect(answer).toMatchObject({
      proxy: { labels: { app: "vm" }, addresses: ["10.3.0.1", "fd00::3"], serviceAccount: "vm" },
    });
    if ("refused" in answer) throw new Error(answer.refused);
    expect(viewFor(mesh, answer.proxy).inbound.ports.map(({ service }) => service.hostname)).toEqual(["vm.com"]);
    const elsewhere = resolveProxy(
      mesh,
      claim({ ...vm, NAMESPACE: "prod" }, { namespace: "prod", serviceAccount: "vm" }),
    );
    if ("refused" in elsewhere) throw new Error(elsewhere.refused);
    expect(viewFor(mesh, elsewhere.proxy).inbound.ports).toEqual([]);
  });

  it("takes the address of the node id where there is no other", () => {
    const answer = resolveProxy(mesh, claim({}, { serviceAccount: "vm" }, id("vm-1", "default", "10.3.0.1")));
    expect(answer).toMatchObject({ proxy: { addresses: ["10.3.0.1"] } });
  });
});
