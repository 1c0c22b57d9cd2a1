import { meshOf, podYaml, serviceYaml, viewOf, yaml } from "./testing.ts";
import type { Endpoint } from "./types.ts";

function endpointsOf(text: string, host = "web.default.svc.cluster.local"): readonly Endpoint[] {
  const view = viewOf(text);
  const visible = view.scope.byHostname.get(host);
  return visible ? view.endpoints(visible).endpoints : [];
}

const ips = (n: number): string => `{ ip: 10.1.0.${n + 1} }, { ip: "fd00::${n + 1}" }`;

const slice = (ip: string, more = "", name = "web-1", type = "IPv4") => `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: ${name}, namespace: default, labels: { kubernetes.io/service-name: web } }
addressType: ${type}
ports: [{ name: http, port: 8081, protocol: TCP }]
endpoints: [{ addresses: ["${ip}"], zone: z1${more} }]
---
`;

describe("a Kubernetes Service", () => {
  it("is a service named as Kubernetes' DNS names it", () => {
    const [service] = meshOf(serviceYaml("web")).services;
    expect(service).toMatchObject({
      hostname: "web.default.svc.cluster.local",
      registry: "Kubernetes",
      addresses: ["10.96.0.1"],
      ports: [{ name: "http", number: 80, protocol: "HTTP", targetPort: 8080 }],
      resolution: "STATIC",
      headless: false,
      meshExternal: false,
      exportTo: ["*"],
    });
    expect(Object.isFrozen(service)).toBe(true);
  });

  it("is passed through when headless", () => {
    const [service] = meshOf(serviceYaml("web").replace("10.96.0.1", "None")).services;
    expect(service).toMatchObject({ headless: true, resolution: "NONE", addresses: [] });
  });

  it("is another name for the service of its host when it is an ExternalName, over several steps; of an unknown host, nobody's", () => {
    const alias = (name: string, to: string) => `
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: shop }
spec: { type: ExternalName, externalName: ${to}, ports: [{ name: tcp, port: 81 }] }
---`;
    const text =
      serviceYaml("web") +
      alias("near", "Web.default.svc.cluster.local.") +
      alias("nearer", "near.shop.svc.cluster.local") +
      alias("far", "example.com") +
      alias("round", "about.shop.svc.cluster.local") +
      alias("about", "round.shop.svc.cluster.local");
    const { services } = meshOf(text);
    expect(services.map(({ hostname }) => hostname)).toEqual(["web.default.svc.cluster.local"]);
    expect(services[0]?.aliases).toEqual(
      ["near", "nearer"].map((name) => ({ hostname: `${name}.shop.svc.cluster.local`, namespace: "shop" })),
    );
    expect(meshOf(text).services[0]).toEqual(services[0]);
  });

  it("is seen where its annotation says", () => {
    const text = serviceYaml("web").replace(
      "namespace: default }",
      'namespace: default, annotations: { networking.istio.io/exportTo: "., shop" } }',
    );
    const seenIn = (namespace: string) => viewOf(text, { namespace }).scope.services.length;
    expect([seenIn("default"), seenIn("shop"), seenIn("other")]).toEqual([1, 1, 0]);
  });

  it("has the pods its selector selects while it has no EndpointSlice", () => {
    const text = serviceYaml("web") + podYaml("web-b", "web", "10.1.0.2") + podYaml("web-a", "web", "10.1.0.1");
    expect(endpointsOf(text + podYaml("other", "other", "10.1.0.3"))).toEqual([
      expect.objectContaining({
        address: "10.1.0.1",
        ports: { http: 8080 },
        labels: { app: "web" },
        serviceAccount: "web",
        namespace: "default",
        workload: "web-a",
        weight: 1,
        healthy: true,
        meshMtls: false,
      }),
      expect.objectContaining({ address: "10.1.0.2", workload: "web-b" }),
    ]);
  });

  it("finds the port that a container names, and skips pods that have none of the name", () => {
    const named = serviceYaml("web").replace("targetPort: 8080", "targetPort: web");
    expect(endpointsOf(named + podYaml("web-a", "web", "10.1.0.1"))).toMatchObject([{ ports: { http: 8080 } }]);
    const unknown = serviceYaml("web").replace("targetPort: 8080", "targetPort: grpc");
    expect(endpointsOf(unknown + podYaml("web-a", "web", "10.1.0.1"))).toEqual([]);
  });

  it("leaves out pods that have ended and pods without an address, and marks those that are not ready", () => {
    const pod = (status: string) => podYaml("web-a", "web", "10.1.0.1").replace("podIP: 10.1.0.1", status);
    expect(endpointsOf(serviceYaml("web") + pod("phase: Pending"))).toEqual([]);
    expect(endpointsOf(serviceYaml("web") + pod("phase: Succeeded, podIP: 10.1.0.1"))).toEqual([]);
    const unready = pod('podIP: 10.1.0.1, conditions: [{ type: Ready, status: "False" }]');
    expect(endpointsOf(serviceYaml("web") + unready)).toMatchObject([{ healthy: false }]);
    const published = serviceYaml("web", "default", "  publishNotReadyAddresses: true\n");
    expect(endpointsOf(published + unready)).toMatchObject([{ healthy: true }]);
  });

  it("has what its EndpointSlices say as soon as there is one, with what is known of their pods", () => {
    const pods = podYaml("web-a", "web", "10.1.0.1") + podYaml("web-b", "web", "10.1.0.2");
    const found = endpointsOf(serviceYaml("web") + pods + slice("10.1.0.1", ", targetRef: { kind: Pod, name: web-a }"));
    expect(found).toEqual([
      expect.objectContaining({
        address: "10.1.0.1",
        ports: { http: 8081 },
        labels: { app: "web" },
        serviceAccount: "web",
        workload: "web-a",
        locality: { region: "", zone: "z1", subzone: "" },
        healthy: true,
      }),
    ]);
    expect(endpointsOf(serviceYaml("web") + pods + slice("10.1.0.1", ", conditions: { ready: false }"))).toMatchObject([
      { healthy: false },
    ]);
  });

  it("takes the slices of one address family, that of its own address", () => {
    const both = slice("10.1.0.1") + slice("fd00::1", "", "web-2", "IPv6");
    expect(endpointsOf(serviceYaml("web") + both).map((e) => e.address)).toEqual(["10.1.0.1"]);
    const six = serviceYaml("web").replace("10.96.0.1", '"fd00::10"');
    expect(endpointsOf(six + both).map((e) => e.address)).toEqual(["fd00::1"]);
  });

  it("has each pod once in dual stack, with an address of each version, first that of the service's own first", () => {
    const dual = (addresses: string) =>
      serviceYaml("web").replace("clusterIP: 10.96.0.1", `clusterIPs: [${addresses}]`);
    const of = (pod: string) => `, targetRef: { kind: Pod, name: ${pod} }`;
    const pods = ["a", "b"]
      .map((name, n) => podYaml(name, "web", "10.1.0.1").replace("podIP: 10.1.0.1", `podIPs: [${ips(n)}]`))
      .join("");
    const slices =
      slice("10.1.0.1", of("a"), "w4a") +
      slice("fd00::1", of("a"), "w6a", "IPv6") +
      slice("fd00::2", of("b"), "w6b", "IPv6") +
      slice("10.9.0.9", "", "hand4") +
      slice("fd00::9", "", "hand6", "IPv6");
    const found = endpointsOf(dual('10.96.0.1, "fd00:96::1"') + pods + slices);
    expect(found.map(({ address, additionalAddresses }) => [address, additionalAddresses])).toEqual([
      ["10.1.0.1", ["fd00::1"]],
      ["10.9.0.9", undefined],
      ["fd00::2", undefined], // its IPv4 slice has not come yet
      ["fd00::9", undefined],
    ]);
    expect(endpointsOf(dual('"fd00:96::1", 10.96.0.1') + pods)).toMatchObject([
      { address: "fd00::1", additionalAddresses: ["10.1.0.1"] },
      { address: "fd00::2", additionalAddresses: ["10.1.0.2"] },
    ]);
    expect(endpointsOf(serviceYaml("web") + pods).map((e) => e.additionalAddresses)).toEqual([undefined, undefined]);
  });

  it("is served in the versions that it says itself when it is headless", () => {
    const pods = podYaml("a", "web", "10.1.0.1").replace("podIP: 10.1.0.1", `podIPs: [${ips(0)}]`);
    const headless = (families: string) => serviceYaml("web", "default", families).replace("10.96.0.1", "None");
    expect(endpointsOf(headless("  ipFamilies: [IPv6]\n") + pods).map((e) => e.address)).toEqual(["fd00::1"]);
    expect(endpointsOf(headless("") + pods)).toMatchObject([{ address: "10.1.0.1", additionalAddresses: ["fd00::1"] }]);
  });

  it("has WorkloadEntries that its selector selects, with their own ports", () => {
    const entry = yaml(
      "WorkloadEntry",
      "vm",
      "default",
      "address: 10.2.0.1\nlabels: { app: web }\nports: { http: 9000 }\nserviceAccount: vm\nweight: 3\nlocality: r/z/s",
    );
    expect(endpointsOf(serviceYaml("web") + entry + slice("10.1.0.1"))).toMatchObject([
      { address: "10.1.0.1" },
      {
        address: "10.2.0.1",
        ports: { http: 9000 },
        serviceAccount: "vm",
        weight: 3,
        workload: "vm",
        locality: { region: "r", zone: "z", subzone: "s" },
      },
    ]);
  });

  it.each([
    [", annotations: { x: y }", false],
    [', annotations: { sidecar.istio.io/inject: "true" }', true],
    [', annotations: { sidecar.istio.io/inject: "false" }', false],
  ])("knows from a pod's annotations%s that it speaks mesh mTLS: %s", (more, expected) => {
    const found = endpointsOf(serviceYaml("web") + podYaml("web-a", "web", "10.1.0.1", more));
    expect(found).toMatchObject([{ meshMtls: expected }]);
  });

  it.each([
    ["security.istio.io/tlsMode: istio", true],
    ['sidecar.istio.io/inject: "true"', true],
    ['security.istio.io/tlsMode: disabled, sidecar.istio.io/inject: "true"', false],
  ])("knows from a pod's labels %s that it speaks mesh mTLS: %s", (label, expected) => {
    const pod = podYaml("web-a", "web", "10.1.0.1").replace("app: web }", `app: web, ${label} }`);
    expect(endpointsOf(serviceYaml("web") + pod)).toMatchObject([{ meshMtls: expected }]);
  });

  it("knows the identities that its endpoints run as, ready or not", () => {
    const view = viewOf(serviceYaml("web") + podYaml("web-a", "web", "10.1.0.1") + podYaml("web-b", "web", "10.1.0.2"));
    expect(view.scope.services[0]?.serviceAccounts).toEqual(["spiffe://cluster.local/ns/default/sa/web"]);
  });
});

describe("an address that another pod has by now (F39)", () => {
  const pod = (name: string, app: string, created: string, more = "") => `
apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: default, labels: { app: ${app} }, creationTimestamp: "${created}" }
spec: { serviceAccountName: ${app}${more} }
status: { podIP: 10.1.0.7 }
---
`;
  const old = pod("web-old", "web", "2026-01-01T00:00:00Z");
  const young = pod("pay-new", "pay", "2026-01-01T00:01:00Z");
  const stale = slice("10.1.0.7", ", targetRef: { kind: Pod, name: web-old }");
  const pay = "pay.default.svc.cluster.local";

  it("is no endpoint of the old pod's service, whichever news came first", () => {
    expect(endpointsOf(serviceYaml("web") + old + stale)).toMatchObject([
      { address: "10.1.0.7", serviceAccount: "web" },
    ]);
    expect(endpointsOf(serviceYaml("web") + old + young + stale)).toEqual([]);
    expect(endpointsOf(serviceYaml("web") + young + stale)).toEqual([]);
    expect(endpointsOf(serviceYaml("web") + old + young)).toEqual([]);
    expect(endpointsOf(serviceYaml("pay") + old + young, pay)).toMatchObject([{ serviceAccount: "pay" }]);
  });

  it("is no endpoint either when a pod of the same name has another address now", () => {
    expect(
      endpointsOf(serviceYaml("web") + old + slice("10.1.0.8", ", targetRef: { kind: Pod, name: web-old }")),
    ).toEqual([]);
  });

  it("is shared by pods of the host's network", () => {
    const both = [old, young].map((text) => text.replace("spec: {", "spec: { hostNetwork: true,")).join("");
    expect(endpointsOf(serviceYaml("web") + both + stale)).toHaveLength(1);
  });
});

it("puts pods where their node is, unless they say so themselves", () => {
  const node = `
apiVersion: v1
kind: Node
metadata: { name: n1, labels: { topology.kubernetes.io/region: r1, topology.kubernetes.io/zone: z9 } }
---
`;
  const pod = (labels: string) => `
apiVersion: v1
kind: Pod
metadata: { name: web-a, namespace: default, labels: { app: web${labels} } }
spec: { nodeName: n1 }
status: { podIP: 10.1.0.1 }
---
`;
  const found = slice("10.1.0.1", ", targetRef: { kind: Pod, name: web-a }");
  const localityOf = (text: string) => endpointsOf(serviceYaml("web") + text)[0]?.locality;
  expect(localityOf(node + pod("") + found)).toEqual({ region: "r1", zone: "z9", subzone: "" });
  expect(localityOf(node + pod(""))).toEqual({ region: "r1", zone: "z9", subzone: "" });
  expect(localityOf(pod("") + found)).toEqual({ region: "", zone: "z1", subzone: "" });
  expect(localityOf(node + pod(", istio-locality: r2.z2") + found)).toEqual({ region: "r2", zone: "z2", subzone: "" });
  expect(meshOf(node + pod("")).workloads.get("web-a.default")?.locality).toMatchObject({ region: "r1", zone: "z9" });
});
