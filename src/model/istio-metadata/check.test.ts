import { stringify } from "yaml";
import { formatProblem } from "../../lib/index.ts";
import { parseDocuments } from "../parse.ts";

const apis: Readonly<Record<string, string>> = {
  Pod: "v1",
  Service: "v1",
  Namespace: "v1",
  EndpointSlice: "discovery.k8s.io/v1",
};
const specs: Readonly<Record<string, object>> = {
  Service: { ports: [{ port: 80 }] },
  ServiceEntry: { hosts: ["a.com"], resolution: "DNS", ports: [{ number: 80, name: "http", protocol: "HTTP" }] },
  VirtualService: { hosts: ["a"], http: [{ directResponse: { status: 200 } }] },
};

/** `LINE level CODE`, hints too, of one object with this metadata. */
function told(kind: string, metadata: object): string[] {
  const apiVersion = apis[kind] ?? "networking.istio.io/v1";
  const object = { apiVersion, kind, metadata: { name: "it", ...metadata }, spec: specs[kind] ?? {} };
  const { objects, problems } = parseDocuments(stringify(object), "it.yaml");
  expect(objects).toHaveLength(1); // it never keeps an object from being applied
  return problems.map((problem) => `${problem.level} ${problem.code} ${problem.field} ${problem.hint ?? ""}`.trim());
}

const annotated = (kind: string, name: string, value = "x") => told(kind, { annotations: { [name]: value } });

it.each([
  ["Pod", "sidecar.istio.io/proxyCpu", 'did you mean "sidecar.istio.io/proxyCPU"?'],
  ["Service", "networking.istio.io/exportsTo", 'did you mean "networking.istio.io/exportTo"?'],
  ["VirtualService", "istio.io/nothing-of-the-kind", ""],
  ["Namespace", "istio.io/use-waypoint", "it is a label"],
])("tells of an unknown annotation on a %s: %s", (kind, name, hint) => {
  expect(annotated(kind, name)).toEqual([`warning IST0108 metadata.annotations.${name} ${hint}`.trim()]);
});

it.each([
  ["Namespace", "traffic.sidecar.istio.io/excludeOutboundPorts"],
  ["Namespace", "networking.istio.io/traffic-distribution"],
  ["VirtualService", "networking.istio.io/exportTo"],
  ["Service", "proxy.istio.io/config"],
])("tells of an annotation that is for other kinds than %s: %s", (kind, name) => {
  expect(annotated(kind, name)).toEqual([
    expect.stringMatching(`^warning IST0107 metadata.annotations.${name} write it on each (Pod|Service)`),
  ]);
});

it.each([
  ["Pod", "sidecar.istio.io/bootstrapOverride", "HED119", "use an EnvoyFilter"],
  ["ServiceEntry", "istio.io/connect-strategy", "HED119", "addresses are called one after the other"],
])("tells of one that changes nothing here, on a %s: %s", (kind, name, code, hint) => {
  expect(annotated(kind, name)).toEqual([`warning ${code} metadata.annotations.${name} ${hint}`]);
});

it.each([
  ["Service", "networking.istio.io/traffic-distribution", "PreferClosest", "PreferClose"],
  ["ServiceEntry", "networking.istio.io/traffic-distribution", "zone", "prefersamenode"],
  ["Service", "networking.istio.io/exportTo", "shop, web.shop", "shop, ."],
])("tells of a value without meaning, on a %s: %s", (kind, name, wrong, right) => {
  expect(annotated(kind, name, wrong)).toEqual([`warning IST0125 metadata.annotations.${name}`]);
  expect(annotated(kind, name, right)).toEqual([]);
});

it("tells that the wish for a sidecar is a label now, unless it is one", () => {
  const annotations = { "sidecar.istio.io/inject": "true" };
  expect(told("Pod", { annotations })).toEqual([
    "info IST0135 metadata.annotations.sidecar.istio.io/inject write it as a label",
  ]);
  expect(told("Pod", { annotations, labels: annotations })).toEqual([]);
  expect(annotated("Pod", "sidecar.istio.io/inject", "yes")).toEqual([
    "warning IST0125 metadata.annotations.sidecar.istio.io/inject",
  ]);
});

it.each([
  ["Namespace", "istio-injection", "true", "enabled"],
  ["Namespace", "istio.io/dataplane-mode", "ambient", "none"],
  ["Pod", "sidecar.istio.io/inject", "yes", "false"],
  ["Service", "istio.io/use-waypoint", "waypoint", "none"],
  ["ServiceEntry", "networking.istio.io/enable-autoallocate-ip", "false", "true"],
])("tells of a label without meaning on a %s: %s", (kind, name, wrong, right) => {
  expect(told(kind, { labels: { [name]: wrong } }).map((line) => line.split(" ").slice(0, 3).join(" "))).toEqual([
    `warning HED218 metadata.labels.${name}`,
  ]);
  expect(told(kind, { labels: { [name]: right } })).toEqual([]);
});

it("leaves networks to whoever reads them", () => {
  const labels = { "topology.istio.io/network": "east" };
  for (const kind of ["Namespace", "Pod", "Service"]) expect(told(kind, { labels })).toEqual([]);
});

it("says where it stands", () => {
  const text = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: it\n  labels:\n    istio-injection: yes-please\n";
  expect(parseDocuments(text, "it.yaml").problems.map(formatProblem)).toEqual([
    "it.yaml:6:5: warning HED218 Namespace it metadata.labels.istio-injection: is as if it were not there (write enabled or disabled)",
  ]);
});

it.each([
  ["Pod", "sidecar.istio.io/status"],
  ["Pod", "istio.io/rev"],
  ["Service", "internal.istio.io/parents"],
  ["Service", "notistio.io/anything"],
  ["Service", "example.com/istio.io"],
  ["VirtualService", "galley.istio.io/analyze-suppress"],
  ["EndpointSlice", "networking.istio.io/exportTo"],
])("says nothing of what programs note, and of what is not Istio's, on a %s: %s", (kind, name) => {
  const slice = { addressType: "IPv4", endpoints: [], ports: [] };
  if (kind !== "EndpointSlice") return expect(annotated(kind, name)).toEqual([]);
  const object = { apiVersion: apis[kind], kind, metadata: { name: "it", annotations: { [name]: "x" } }, ...slice };
  return expect(parseDocuments(stringify(object), "it.yaml").problems).toEqual([]);
});
