import { schema } from "../../../generated/schemas/service-entry.ts";
import { codes } from "../codes.ts";
import { checkExportTo } from "../export-to.ts";
import { groups, istioKind } from "../kind.ts";
import {
  checkHost,
  checkPort,
  checkSelector,
  checkSubnet,
  checkWildcardHost,
  faultOfHost,
  isLabel,
  show,
} from "../names.ts";
import { normaliseHosts } from "../normal-hosts.ts";
import { checkProtocol, tellsHostsApart } from "../protocol.ts";
import { each, type Place } from "../report.ts";
import type { ServiceEntrySpec } from "../types.ts";
import { checkWorkload } from "../workload-address.ts";

type Port = NonNullable<ServiceEntrySpec["ports"]>[number];

/** A service that the registry does not know: https://istio.io/latest/docs/reference/config/networking/service-entry/ */
export const serviceEntry = istioKind("ServiceEntry", groups.networking, schema, (spec, place, { namespace }) => {
  normaliseHosts(spec, "hosts");
  checkHosts(spec, place);
  checkPorts(spec, place);
  checkAddresses(spec, place);
  checkResolution(spec, place);
  if (spec.workloadSelector) {
    checkSelector(spec.workloadSelector.labels, place.at("workloadSelector"));
    if (spec.endpoints)
      place.at("endpoints").error(codes.conflict, "only one of endpoints and workloadSelector may be set");
  }
  checkExportTo(spec.exportTo, place.at("exportTo"), { none: true, namespace });
});

function checkHosts(spec: ServiceEntrySpec, place: Place): void {
  if (spec.hosts.length === 0) place.at("hosts").error(codes.incomplete, "needs at least one host");
  each(spec.hosts, place.at("hosts"), (host, at) => {
    if (host === "*")
      return at.error(codes.host, "the host * would take over everything", "name the domain: *.example.com");
    checkWildcardHost(host, at);
    if (/^\*[^.]/.test(host))
      at.warn(codes.noEffect, `"${show(host)}": a wildcard for part of a label may not match`, "use *.domain");
  });
}

function checkPorts(spec: ServiceEntrySpec, place: Place): void {
  const names = new Set<string>();
  const numbers = new Set<number>();
  each(spec.ports, place.at("ports"), (port, at) => {
    if (names.has(port.name)) at.at("name").error(codes.duplicate, `the port name "${show(port.name)}" stands twice`);
    if (numbers.has(port.number)) at.at("number").error(codes.duplicate, `the port ${port.number} stands twice`);
    names.add(port.name);
    numbers.add(port.number);
    if (!isLabel(port.name)) at.at("name").error(codes.port, `"${show(port.name)}" is not a port name`);
    checkPort(port.number, at.at("number"));
    checkProtocol(port.protocol, at.at("protocol"));
    if (port.targetPort) checkTargetPort(port, spec, at.at("targetPort"));
  });
  if (spec.hosts.length < 2 || isNone(spec)) return;
  const blind = (spec.ports ?? []).findIndex(({ protocol }) => !tellsHostsApart(protocol));
  if (blind !== -1)
    place
      .at("ports", blind)
      .error(codes.conflict, "several hosts cannot be told apart on a port that is neither HTTP nor TLS");
}

function checkTargetPort(port: Port, spec: ServiceEntrySpec, place: Place): void {
  checkPort(port.targetPort, place);
  if (isNone(spec)) place.warn(codes.noEffect, "has no effect with resolution NONE");
}

function checkAddresses(spec: ServiceEntrySpec, place: Place): void {
  each(spec.addresses, place.at("addresses"), (address, at) => {
    checkSubnet(address, at);
    if (address.includes("/") && !isNone(spec) && spec.resolution !== "STATIC")
      at.error(codes.conflict, "address ranges are only for resolution NONE or STATIC");
  });
}

const isNone = (spec: ServiceEntrySpec): boolean => (spec.resolution ?? "NONE") === "NONE";

function checkResolution(spec: ServiceEntrySpec, place: Place): void {
  const { resolution = "NONE", endpoints = [] } = spec;
  const at = place.at("endpoints");
  if (resolution === "NONE") {
    if (endpoints.length > 0) at.error(codes.conflict, "resolution NONE takes no endpoints", "use STATIC or DNS");
  } else if (resolution === "DYNAMIC_DNS") {
    checkDynamicDns(spec, place);
  } else if (resolution === "DNS_ROUND_ROBIN" && endpoints.length > 1) {
    at.error(codes.conflict, "DNS_ROUND_ROBIN takes at most one endpoint");
  }
  const byName = resolution !== "STATIC";
  if (byName && !isLate(resolution) && endpoints.length === 0) checkResolvable(spec, place);
  if (byName && spec.workloadSelector)
    place.at("workloadSelector").warn(codes.noEffect, `should not be set with resolution ${resolution}`);
  const portNames = new Set((spec.ports ?? []).map(({ name }) => name));
  each(endpoints, at, (endpoint, each) => {
    checkWorkload(endpoint, each, { portNames, allowNames: byName });
    if (byName && endpoint.address?.startsWith("unix://"))
      each.at("address").error(codes.address, "Unix sockets are only for STATIC");
  });
}

/** Names are known when requests come. */
function isLate(resolution: string): boolean {
  return resolution === "NONE" || resolution === "DYNAMIC_DNS";
}

/** The name that is looked up is the request's host, or the one that a TLS connection asks for. */
function checkDynamicDns({ endpoints = [], ports = [], location }: ServiceEntrySpec, place: Place): void {
  if (endpoints.length > 0) place.at("endpoints").error(codes.conflict, "DYNAMIC_DNS takes no endpoints", "use DNS");
  if (location === "MESH_INTERNAL")
    place.at("location").error(codes.conflict, "DYNAMIC_DNS is for hosts outside of the mesh");
  each(ports, place.at("ports"), ({ protocol }, at) => {
    if (!tellsHostsApart(protocol))
      at.error(codes.conflict, "DYNAMIC_DNS needs a name to look up: the port must be HTTP, HTTP2, GRPC, TLS or HTTPS");
  });
}

function checkResolvable(spec: ServiceEntrySpec, place: Place): void {
  each(spec.hosts, place.at("hosts"), (host, at) => {
    if (faultOfHost(host, "with wildcard") !== undefined) return;
    if (host.includes("*"))
      at.error(codes.host, "a wildcard cannot be looked up", "add endpoints, or use resolution NONE");
    else checkHost(host, at);
  });
}
