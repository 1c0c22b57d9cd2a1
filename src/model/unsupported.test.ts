import { parseDocuments } from "./parse.ts";
import { edit, parseSpec, told } from "./test-support.ts";

const warnings = (kind: string, spec: unknown, group?: string) =>
  told(parseSpec(kind, spec, group).problems, "warning").filter((text) => text.startsWith("HED121"));

const rule = { host: "a", subsets: [{ name: "v1" }] };
const virtualService = { hosts: ["a"], http: [{ route: [{ destination: { host: "a" } }] }] };
const tcp = { hosts: ["a"], tcp: [{ route: [{ destination: { host: "a" } }] }] };
const sidecar = {
  ingress: [{ port: { number: 80, protocol: "HTTP" } }],
};

it.each([
  ["VirtualService", edit(tcp, "tcp.0.match", [{ sourceSubnet: "10.0.0.0/8" }]), "tcp[0].match[0].sourceSubnet"],
  ["WorkloadGroup", { template: { address: "10.0.0.1" } }, "template.address"],
  [
    "Sidecar",
    { ...sidecar, inboundConnectionPool: { http: { h2UpgradePolicy: "UPGRADE" } } },
    "inboundConnectionPool.http.h2UpgradePolicy",
  ],
])("says that a field of %s does nothing yet: %j", (kind, spec, field) => {
  const { objects } = parseSpec(kind, spec);
  expect(objects).toHaveLength(1);
  expect(warnings(kind, spec)).toEqual([`HED121 spec.${field}`]);
});

it.each([
  ["VirtualService", edit(virtualService, "gateways", ["mesh"])],
  ["DestinationRule", edit(rule, "trafficPolicy", { tls: { mode: "SIMPLE", credentialName: "secret" } })],
  ["Sidecar", { ingress: [{ ...sidecar.ingress[0], captureMode: "IPTABLES", bind: "10.0.0.1" }] }],
])("is silent where %s asks for nothing else than is done: %j", (kind, spec) => {
  expect(warnings(kind, spec)).toEqual([]);
});

it("knows fields of Kubernetes objects that change nothing, and that API servers write everywhere", () => {
  const service = (more: string) =>
    told(
      parseDocuments(
        `apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: 80}], ${more}}\n`,
        "it.yaml",
      ).problems,
      "warning",
    );
  expect(service("internalTrafficPolicy: Cluster, sessionAffinity: None")).toEqual([]);
  expect(service("trafficDistribution: PreferClose")).toEqual([]);
  expect(service("internalTrafficPolicy: Local, trafficDistribution: Nearby, sessionAffinity: ClientIP")).toEqual([
    "HED121 spec.trafficDistribution",
    "HED121 spec.internalTrafficPolicy",
    "HED121 spec.sessionAffinity",
  ]);
});

it("tells nothing of a field in an object that is refused anyway", () => {});
