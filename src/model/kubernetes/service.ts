import { codes } from "../codes.ts";
import { kubernetesKind } from "../kind.ts";
import { checkHost, isIp, isLabel, normalHost, show } from "../names.ts";
import { RawFields } from "./raw.ts";
import type { IpFamily, ServicePortSpec, ServiceSpec } from "./types.ts";

/** https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/ */
export const service = kubernetesKind("Service", "v1", (raw, place, { labels }): ServiceSpec => {
  const spec = new RawFields(raw.spec, place.at("spec"));
  if (!spec.has("ports") && spec.names.length === 0) spec.place.error(codes.missing, "a Service needs a spec");
  const type = spec.choice("type", "ClusterIP", "NodePort", "LoadBalancer", "ExternalName");
  const ports = spec.list("ports").map(parsePort);
  checkNames(ports, spec);
  const written = spec.has("clusterIPs") ? spec.texts("clusterIPs") : [spec.text("clusterIP") ?? ""].filter(Boolean);
  const headless = written.includes("None");
  const externalName = spec.text("externalName");
  if (type === "ExternalName") checkHost(normalHost(externalName ?? ""), spec.place.at("externalName"));
  const selector = spec.textMap("selector");
  const trafficDistribution = spec.text("trafficDistribution");
  return {
    type,
    clusterIPs: headless ? [] : addresses(spec),
    ipFamilies: families(spec),
    headless,
    ...(externalName !== undefined && { externalName: normalHost(externalName) }),
    ports,
    ...(selector && Object.keys(selector).length > 0 && { selector }),
    publishNotReadyAddresses: spec.flag("publishNotReadyAddresses", false),
    ...(trafficDistribution !== undefined && { trafficDistribution }),
    ...(labels[networkLabel] && { externalAddresses: external(spec, new RawFields(raw.status, place.at("status"))) }),
  };
});

/** Says of which network a workload is, or the gateways behind a Service: https://istio.io/latest/docs/reference/config/labels/ */
export const networkLabel = "topology.istio.io/network";

/** `externalIPs` and what a load balancer has given; its names are nobody's to look up here. */
function external(spec: RawFields, status: RawFields): readonly string[] {
  const given = status.fields("loadBalancer").list("ingress");
  return [...new Set([...spec.addresses("externalIPs"), ...given.flatMap((one) => one.text("ip") ?? [])])].filter(isIp);
}

/** `ipFamilies`, completed by a policy that asks for both. https://kubernetes.io/docs/concepts/services-networking/dual-stack/#services */
function families(spec: RawFields): readonly IpFamily[] {
  const written = spec.texts("ipFamilies").map((family, index): IpFamily => {
    if (family !== "IPv4" && family !== "IPv6")
      spec.place.at("ipFamilies", index).error(codes.notAllowed, `"${show(family)}" is not one of IPv4, IPv6`);
    return family === "IPv6" ? "IPv6" : "IPv4";
  });
  const policy = spec.choice("ipFamilyPolicy", "SingleStack", "PreferDualStack", "RequireDualStack");
  if (policy === "SingleStack" && spec.has("ipFamilyPolicy")) return written.slice(0, 1);
  if (policy === "SingleStack") return written;
  return written[0] === "IPv6" ? ["IPv6", "IPv4"] : ["IPv4", "IPv6"];
}

function addresses(spec: RawFields): readonly string[] {
  if (spec.has("clusterIPs")) return spec.addresses("clusterIPs");
  const { place } = spec;
  const single = new RawFields({ clusterIP: [spec.text("clusterIP") ?? ""].filter(Boolean) }, place);
  return single.addresses("clusterIP");
}

function parsePort(port: RawFields): ServicePortSpec {
  const number = port.port("port");
  if (number === 0 && !port.has("port")) port.place.error(codes.missing, 'the field "port" is missing');
  const name = port.text("name") ?? "";
  if (name !== "" && !isLabel(name)) port.place.at("name").error(codes.port, `"${show(name)}" is not a port name`);
  const target = port.numberOrText("targetPort");
  if (typeof target === "number" && target !== 0) port.port("targetPort");
  const appProtocol = port.text("appProtocol");
  return {
    name,
    port: number,
    targetPort: target === undefined || target === 0 || target === "" ? number : target,
    protocol: port.choice("protocol", "TCP", "UDP", "SCTP"),
    ...(appProtocol !== undefined && { appProtocol }),
  };
}

function checkNames(ports: readonly ServicePortSpec[], spec: RawFields): void {
  const names = new Set<string>();
  const keys = new Set<string>();
  for (const [index, { name, port, protocol }] of ports.entries()) {
    const at = spec.place.at("ports", index);
    if (ports.length > 1 && name === "") at.error(codes.missing, "each of several ports needs a name");
    else if (names.has(name)) at.at("name").error(codes.duplicate, `the port name "${show(name)}" stands twice`);
    if (keys.has(`${port}/${protocol}`)) at.at("port").error(codes.duplicate, `the port ${port} stands twice`);
    names.add(name);
    keys.add(`${port}/${protocol}`);
  }
}
