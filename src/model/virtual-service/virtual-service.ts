import { schema } from "../../../generated/schemas/virtual-service.ts";
import { codes } from "../codes.ts";
import { checkExportTo } from "../export-to.ts";
import { isClaim } from "../headers.ts";
import { groups, istioKind } from "../kind.ts";
import { checkWildcardHost, isIp, show } from "../names.ts";
import { normaliseHosts } from "../normal-hosts.ts";
import { each, type Place } from "../report.ts";
import type { VirtualServiceSpec } from "../types.ts";
import { normaliseDestinations } from "./destination.ts";
import { checkGatewayNames } from "./gateway-names.ts";
import { checkHttpRoute } from "./http-route.ts";
import { checkTcpRoute } from "./tcp-route.ts";
import { checkTlsRoute } from "./tls-route.ts";
import { warnUnreachable } from "./unreachable.ts";

/** How requests to a host are routed: https://istio.io/latest/docs/reference/config/networking/virtual-service/ */
export const virtualService = istioKind("VirtualService", groups.networking, schema, (spec, place, { namespace }) => {
  normaliseHosts(spec, "hosts");
  normaliseDestinations(spec);
  const { hosts = [], http = [], tls = [], tcp = [] } = spec;
  const isDelegate = hosts.length === 0;
  if (isDelegate) checkDelegate(spec, place);
  checkGatewayNames(spec.gateways, place.at("gateways"));
  checkHosts(spec, place);
  checkClaims(spec, place);
  if (http.length + tls.length + tcp.length === 0) place.error(codes.incomplete, "needs http, tls or tcp routes");
  each(http, place.at("http"), (route, at) => checkHttpRoute(route, at, isDelegate));
  each(tls, place.at("tls"), (route, at) => checkTlsRoute(route, at, hosts));
  each(tcp, place.at("tcp"), checkTcpRoute);
  checkExportTo(spec.exportTo, place.at("exportTo"), { namespace });
  if (!place.report.failed) warnUnreachable(spec, place);
});

/** A VirtualService without hosts is what another one delegates to. */
function checkDelegate(spec: VirtualServiceSpec, place: Place): void {
  for (const field of ["gateways", "tls", "tcp"] as const)
    if (spec[field]?.length)
      place.at(field).error(codes.conflict, `a delegate (a VirtualService without hosts) has no ${field}`);
}

/** True when it applies to gateways alone, where `*` and routing by claims have a meaning. */
function isForGateways(spec: VirtualServiceSpec): boolean {
  const { gateways = [] } = spec;
  return gateways.length > 0 && !gateways.includes("mesh");
}

function checkHosts(spec: VirtualServiceSpec, place: Place): void {
  const hosts = spec.hosts ?? [];
  const forGateways = isForGateways(spec);
  each(hosts, place.at("hosts"), (host, at) => {
    if (isIp(host)) return;
    if (host === "*" && !forGateways)
      return at.error(codes.host, "the host * is only for gateways", "name the hosts, or list gateways without mesh");
    checkWildcardHost(host, at);
  });
  if (place.report.failed) return;
  const exact = new Set<string>();
  for (const [index, host] of hosts.entries()) {
    if (exact.has(host)) place.at("hosts", index).error(codes.duplicate, `the host "${show(host)}" stands twice`);
    exact.add(host);
  }
  for (const wildcard of hosts.filter((host) => host.startsWith("*")).slice(0, 100))
    for (const [index, host] of hosts.entries())
      if (host !== wildcard && host.endsWith(wildcard.slice(1)))
        place.at("hosts", index).error(codes.duplicate, `the host "${show(host)}" is covered by "${show(wildcard)}"`);
}

function checkClaims(spec: VirtualServiceSpec, place: Place): void {
  if (isForGateways(spec)) return;
  each(spec.http, place.at("http"), (route, at) =>
    each(route.match, at.at("match"), (match, matchAt) => {
      for (const field of ["headers", "withoutHeaders"] as const)
        for (const name of Object.keys(match[field] ?? {}))
          if (isClaim(name)) matchAt.at(field, name).error(codes.header, "routing by claims is only for gateways");
    }),
  );
}
