import { codes } from "../codes.ts";
import { checkSubnet, checkWildcardHost, isIp, show } from "../names.ts";
import { each, type Place } from "../report.ts";
import type { TlsRoute } from "../types.ts";
import { checkWeighted } from "./destination.ts";
import { checkTrafficSource } from "./match.ts";

/** https://istio.io/latest/docs/reference/config/networking/virtual-service/#TLSRoute */
export function checkTlsRoute(route: TlsRoute, place: Place, hosts: readonly string[]): void {
  if (route.match.length === 0) place.at("match").error(codes.incomplete, "needs at least one match");
  each(route.match, place.at("match"), (match, at) => {
    if (match.sniHosts.length === 0) at.at("sniHosts").error(codes.incomplete, "needs at least one host");
    each(match.sniHosts, at.at("sniHosts"), (host, hostAt) => checkSni(host, hostAt, hosts));
    each(match.destinationSubnets, at.at("destinationSubnets"), checkSubnet);
    checkTrafficSource(match, at);
  });
  if (!route.route?.length) place.error(codes.incomplete, "needs a route");
  checkWeighted(route.route, place.at("route"));
}

function checkSni(sni: string, place: Place, hosts: readonly string[]): void {
  if (isIp(sni)) return place.warn(codes.host, `"${sni}": an IP address is no SNI, and most clients do not send it`);
  checkWildcardHost(sni, place);
  const covered = hosts.some(
    (host) => host === sni || host === "*" || (host.startsWith("*") && sni.endsWith(host.slice(1))),
  );
  if (!covered) place.error(codes.host, `"${show(sni)}" is not covered by the hosts of the VirtualService`);
}
