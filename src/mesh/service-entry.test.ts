import { entryYaml, meshOf, podYaml, viewOf, yaml } from "./testing.ts";
import type { Endpoint } from "./types.ts";

function endpointsOf(text: string): readonly Endpoint[] {
  const view = viewOf(text);
  return view.scope.services.flatMap((visible) => view.endpoints(visible).endpoints);
}

const entry = (spec: string) => yaml("ServiceEntry", "api", "default", spec);
const port = "ports: [{ name: http, number: 80, protocol: HTTP, targetPort: 8080 }]";

describe("a ServiceEntry", () => {
  it("is a service for each of its hosts", () => {
    const { services } = meshOf(entry(`hosts: [B.example.com, a.example.com]\naddresses: [10.9.0.1]\n${port}`));
    expect(services.map((service) => service.hostname)).toEqual(["a.example.com", "b.example.com"]);
    expect(services[0]).toMatchObject({
      name: "api",
      registry: "External",
      addresses: ["10.9.0.1"],
      meshExternal: true, // the API's defaults: MESH_EXTERNAL and NONE
      resolution: "NONE",
      ports: [{ name: "http", number: 80, protocol: "HTTP", targetPort: 8080 }],
    });
  });

  it("has the endpoints written in it: an endpoint's port, else the target port", () => {
    const spec = `hosts: [a.example.com]\nresolution: STATIC\n${port}\nendpoints:\n- { address: 10.1.0.2, ports: { http: 9000 }, weight: 5, locality: r/z, serviceAccount: api, labels: { security.istio.io/tlsMode: istio } }\n- { address: 10.1.0.1 }`;
    expect(endpointsOf(entry(spec))).toEqual([
      expect.objectContaining({
        address: "10.1.0.1",
        ports: { http: 8080 },
        weight: 1,
        workload: "",
        serviceAccount: "",
        meshMtls: false,
      }),
      expect.objectContaining({
        address: "10.1.0.2",
        ports: { http: 9000 },
        weight: 5,
        locality: { region: "r", zone: "z", subzone: "" },
        serviceAccount: "api",
        namespace: "default",
        meshMtls: true,
      }),
    ]);
  });

  it("is its own endpoint where DNS has nothing else", () => {
    expect(endpointsOf(entry(`hosts: [a.example.com]\nresolution: DNS\n${port}`))).toMatchObject([
      { address: "a.example.com", ports: { http: 8080 } },
    ]);
    expect(endpointsOf(entry(`hosts: [a.example.com]\nresolution: NONE\n${port}`))).toEqual([]);
  });

  it("has the workloads of its namespace that it selects", () => {
    const spec = `hosts: [a.example.com]\nlocation: MESH_INTERNAL\nresolution: STATIC\n${port}\nworkloadSelector: { labels: { app: api } }`;
    const vm = (namespace: string) =>
      yaml(
        "WorkloadEntry",
        "vm",
        namespace,
        "address: 10.2.0.1\nlabels: { app: api, security.istio.io/tlsMode: istio }",
      );
    expect(endpointsOf(entry(spec) + podYaml("api-1", "api", "10.1.0.1") + vm("default") + vm("other"))).toMatchObject([
      { address: "10.1.0.1", workload: "api-1", ports: { http: 8080 }, serviceAccount: "api" },
      { address: "10.2.0.1", workload: "vm", ports: { http: 8080 }, serviceAccount: "", meshMtls: true },
    ]);
  });

  it("shares a host with another of its namespace: ports and endpoints add up", () => {
    const more = entryYaml("two", "default", "a.example.com", ["10.1.0.2"]).replace(
      "name: http, number: 80",
      "name: web, number: 81",
    );
    const view = viewOf(entryYaml("one", "default", "a.example.com", ["10.1.0.1"]) + more);
    const [visible, ...others] = view.scope.services;
    expect(others).toEqual([]);
    expect(visible?.service.ports.map((p) => p.number)).toEqual([80, 81]);
    expect(visible && view.endpoints(visible).endpoints.map((e) => e.ports)).toEqual([{ http: 8080 }, { web: 8080 }]);
  });

  it("uses the mesh's default for who may see it", () => {
    const config = `
apiVersion: mesh.istio.io/v1alpha1
kind: MeshConfig
metadata: { name: mesh, namespace: istio-system }
spec: { defaultServiceExportTo: ["."] }
---
`;
    const text = config + entryYaml("one", "default", "a.example.com", []);
    expect(viewOf(text).scope.services).toHaveLength(1);
    expect(viewOf(text, { namespace: "other" }).scope.services).toHaveLength(0);
  });
});
