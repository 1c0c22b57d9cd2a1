import { meshOf, objectsOf, podYaml, serviceYaml, sidecar, viewOf, yaml } from "./testing.ts";
import { buildSnapshot } from "./snapshot.ts";
import type { Proxy } from "./types.ts";
import { viewFor } from "./view.ts";

const web = { name: "web-a", addresses: ["10.1.0.1"], labels: { app: "web" } };
const mesh = serviceYaml("web") + podYaml("web-a", "web", "10.1.0.1");
const rules = "rules: [{ name: all, limit: { requests: 1, interval: 1s } }]";
const policy = (name: string, namespace: string, spec = "") => yaml("RateLimit", name, namespace, `${rules}\n${spec}`);

/** Names of the policies for a workload, in order. */
function applied(text: string, own: Partial<Proxy> = web): string[] {
  return viewOf(mesh + text, own).inbound.rateLimits.map(({ object }) => object.metadata.name);
}

describe("the RateLimits of a workload", () => {
  it("are those of the mesh, then those of its namespace, and all apply", () => {
    const text = policy("own", "default") + policy("mesh", "istio-system") + policy("another", "shop");
    expect(applied(text)).toEqual(["mesh", "own"]);
    expect(applied(text, { ...web, namespace: "istio-system" })).toEqual(["mesh"]);
  });

  it("select by labels, in the root namespace over the whole mesh", () => {
    const select = (app: string) => `selector: { matchLabels: { app: ${app} } }`;
    const text =
      policy("all-web", "istio-system", select("web")) +
      policy("web", "default", select("web")) +
      policy("till", "default", select("till"));
    expect(applied(text)).toEqual(["all-web", "web"]);
  });

  it("go by the name of a Gateway for those that name their targets", () => {
    const target = "targetRefs: [{ group: gateway.networking.k8s.io, kind: Gateway, name: front }]";
    const labels = { "gateway.networking.k8s.io/gateway-name": "front" };
    expect(applied(policy("front", "default", target), { ...web, labels })).toEqual([]); // a sidecar is no gateway
    expect(applied(policy("front", "default", target), { ...web, labels, type: "router" })).toEqual(["front"]);
    expect(applied(policy("front", "default", target), { ...web, type: "router" })).toEqual([]);
  });

  it("never ask the service that counts about itself", () => {
    const global = (host: string) =>
      yaml(
        "RateLimit",
        "global",
        "istio-system",
        `global: { service: "${host}:80", domain: d }\nrules: [{ name: all }]`,
      );
    expect(applied(global("web.default.svc.cluster.local"))).toEqual([]);
    expect(applied(global("other.default.svc.cluster.local"))).toEqual(["global"]);
  });

  it("name the service in full", () => {
    const text = yaml(
      "RateLimit",
      "global",
      "default",
      `global: { service: "Limiter:81", domain: d }\nrules: [{ name: all }]`,
    );
    expect(viewOf(mesh + text, web).inbound.rateLimits[0]?.service).toEqual({
      host: "limiter.default.svc.cluster.local",
      port: 81,
    });
  });

  it("leave a workload as it was where another's change", () => {
    const select = (app: string) => `selector: { matchLabels: { app: ${app} } }`;
    const text = mesh + policy("web", "default", select("web"));
    const first = meshOf(text + policy("till", "default", select("till")));
    const before = viewFor(first, sidecar(web)).inbound;
    const second = buildSnapshot(objectsOf(text + policy("till", "default", `${select("till")}\nmode: SHADOW`)), first);
    expect(second.snapshot).not.toBe(first);
    expect(viewFor(second.snapshot, sidecar(web)).inbound).toBe(before);
    const third = meshOf(text + policy("more", "default"), second.snapshot);
    expect(viewFor(third, sidecar(web)).inbound).not.toBe(before);
  });
});
