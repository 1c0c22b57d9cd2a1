import { podYaml, serviceYaml, viewOf, yaml } from "./testing.ts";
import type { MtlsMode, Proxy } from "./types.ts";

const policy = (name: string, namespace: string, spec: string) => yaml("PeerAuthentication", name, namespace, spec);
const mode = (is: string) => `mtls: { mode: ${is} }`;
const web = { name: "web-a", addresses: ["10.1.0.1"], labels: { app: "web" } };
const mesh = serviceYaml("web") + podYaml("web-a", "web", "10.1.0.1");

/** What the server accepts on 8080, on ports nobody names, and on single ones of those. */
function accepted(text: string, own: Partial<Proxy> = web): [MtlsMode | undefined, MtlsMode, Record<number, MtlsMode>] {
  const { inbound } = viewOf(mesh + text, own);
  return [inbound.ports[0]?.mtls, inbound.mtls, inbound.portMtls];
}

describe("what a workload accepts", () => {
  const ofMesh = policy("m", "istio-system", mode("STRICT"));
  const ofNamespace = policy("n", "default", mode("DISABLE"));
  const selecting = (spec: string) => policy("w", "default", `selector: { matchLabels: { app: web } }\n${spec}`);

  it("is PERMISSIVE where nobody says", () => {
    expect(accepted("")).toEqual(["PERMISSIVE", "PERMISSIVE", {}]);
  });

  it("is the mesh's, the namespace's, the workload's: the nearest", () => {
    expect(accepted(ofMesh)[0]).toBe("STRICT");
    expect(accepted(ofMesh + ofNamespace)[0]).toBe("DISABLE");
    expect(accepted(ofMesh + ofNamespace + selecting(mode("STRICT")))[0]).toBe("STRICT");
    expect(accepted(ofMesh + selecting(mode("DISABLE")), { ...web, labels: { app: "x" } })[0]).toBe("STRICT");
  });

  it("is inherited through UNSET and through a policy that says nothing", () => {
    expect(accepted(ofMesh + policy("n", "default", mode("UNSET")) + selecting(""))[0]).toBe("STRICT");
    expect(accepted(policy("m", "istio-system", mode("UNSET")))[0]).toBe("PERMISSIVE");
  });

  it("goes by port of the workload, whether a service names it or not", () => {
    const ports = selecting(
      `${mode("STRICT")}\nportLevelMtls: { 8080: { mode: DISABLE }, 9090: { mode: PERMISSIVE }, 80: { mode: UNSET } }`,
    );
    expect(accepted(ports)).toEqual(["DISABLE", "STRICT", { 80: "STRICT", 9090: "PERMISSIVE" }]);
  });

  it("does not heed a selector in the root namespace, or the younger of two", () => {
    expect(accepted(policy("r", "istio-system", `selector: { matchLabels: { app: web } }\n${mode("STRICT")}`))[0]).toBe(
      "PERMISSIVE",
    );
    const created = (text: string, year: number) =>
      text.replace(" }", `, creationTimestamp: "${year}-01-01T00:00:00Z" }`);
    expect(
      accepted(
        created(policy("a", "default", mode("DISABLE")), 2025) + created(policy("b", "default", mode("STRICT")), 2024),
      )[0],
    ).toBe("STRICT");
  });

  it("tells which policies decided", () => {
    const { inbound } = viewOf(mesh + ofMesh + ofNamespace + selecting(mode("STRICT")), web);
    expect(inbound.peerAuthentications.map(({ metadata }) => metadata.name)).toEqual(["m", "n", "w"]);
  });

  it("is the mesh policy's for the root namespace's own workloads, selected or not", () => {
    const selectingRoot = policy("r", "istio-system", `selector: { matchLabels: { app: web } }\n${mode("DISABLE")}`);
    const root = { namespace: "istio-system", labels: { app: "web" } };
    expect(viewOf(ofMesh + selectingRoot, root).inbound.mtls).toBe("STRICT");
    expect(viewOf(ofMesh, { namespace: "istio-system" }).inbound.mtls).toBe("STRICT");
  });
});

describe("what clients infer", () => {
  const inferred = (text: string, more = mesh) => viewOf(more + text).scope.services[0]?.mtls;
  const config = (spec: string) => `
apiVersion: mesh.istio.io/v1alpha1
kind: MeshConfig
metadata: { name: mesh, namespace: istio-system }
spec: ${spec}
---
`;

  it("is the namespace's or the mesh's mode, by service port, never a workload's", () => {
    expect(inferred("")).toEqual({ 80: "PERMISSIVE" });
    expect(inferred(policy("m", "istio-system", mode("STRICT")))).toEqual({ 80: "STRICT" });
    const workload = policy("w", "default", `selector: { matchLabels: { app: web } }\n${mode("STRICT")}`);
    expect(inferred(policy("n", "default", mode("DISABLE")) + workload)).toEqual({ 80: "DISABLE" });
  });

  it("is DISABLE without auto mTLS, and for what is outside of the mesh", () => {
    expect(inferred(config("{ enableAutoMtls: false }"))).toEqual({ 80: "DISABLE" });
    const external = yaml(
      "ServiceEntry",
      "a",
      "default",
      "hosts: [a.com]\nresolution: DNS\nports: [{ number: 80, name: http, protocol: HTTP }]",
    );
    expect(inferred("", external)).toEqual({ 80: "DISABLE" });
  });

  it("is DISABLE for a headless service until every endpoint has a sidecar", () => {
    const headless = serviceYaml("web").replace("10.96.0.1", "None");
    const inside = ', annotations: { sidecar.istio.io/inject: "true" }';
    const pods = (first: string, second: string) =>
      podYaml("a", "web", "10.1.0.1", first) + podYaml("b", "web", "10.1.0.2", second);
    expect(inferred("", headless)).toEqual({ 80: "DISABLE" });
    expect(inferred(pods(inside, ""), headless)).toEqual({ 80: "DISABLE" });
    expect(inferred(pods(inside, inside), headless)).toEqual({ 80: "PERMISSIVE" });
  });

  it("is the same for a service that a DestinationRule passes through", () => {
    const through = yaml(
      "DestinationRule",
      "a",
      "default",
      "host: web\ntrafficPolicy: { loadBalancer: { simple: PASSTHROUGH } }",
    );
    expect(inferred(through)).toEqual({ 80: "DISABLE" });
    const byPort = yaml(
      "DestinationRule",
      "a",
      "default",
      "host: web\ntrafficPolicy: { portLevelSettings: [{ port: { number: 81 }, loadBalancer: { simple: PASSTHROUGH } }] }",
    );
    expect(inferred(byPort)).toEqual({ 80: "PERMISSIVE" });
  });
});
