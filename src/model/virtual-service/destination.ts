import { codes } from "../codes.ts";
import { checkPort, checkWildcardHost, isIp, isLabel, show } from "../names.ts";
import { normaliseHosts } from "../normal-hosts.ts";
import { each, type Place } from "../report.ts";
import type { HttpRoute, VirtualServiceSpec } from "../types.ts";

type Destination = NonNullable<HttpRoute["mirror"]>;
type Weighted = { readonly destination: Destination; readonly weight?: number };

/** https://istio.io/latest/docs/reference/config/networking/virtual-service/#Destination */
export function checkDestination(destination: Destination | undefined, place: Place): void {
  if (!destination) return;
  const { host, subset, port } = destination;
  if (host === "*") place.at("host").error(codes.host, "a destination needs a host");
  else if (!isIp(host)) checkWildcardHost(host, place.at("host"));
  if (subset !== undefined && !isLabel(subset))
    place.at("subset").error(codes.name, `"${show(subset)}" is not a subset name`);
  if (!port) return;
  if (port.number === undefined) place.at("port").error(codes.incomplete, "needs a number");
  checkPort(port.number, place.at("port", "number"));
}

/** Destinations with their weights: not negative, and with several of them not all zero. */
export function checkWeighted(routes: readonly Weighted[] | undefined, place: Place): void {
  each(routes, place, ({ destination, weight = 0 }, at) => {
    checkDestination(destination, at.at("destination"));
    if (weight < 0) at.at("weight").error(codes.weight, `${weight} is negative`);
  });
  const total = (routes ?? []).reduce((sum, { weight = 0 }) => sum + weight, 0);
  if ((routes?.length ?? 0) > 1 && total === 0)
    place.error(codes.weight, "the weights add up to 0: nothing would be sent anywhere");
  if (total > 2 ** 32 - 1) place.error(codes.weight, "the weights add up to more than 4294967295");
}

/** Brings the hosts of all destinations to their normal form. */
export function normaliseDestinations(spec: VirtualServiceSpec): void {
  for (const { route, mirror, mirrors } of spec.http ?? []) {
    normaliseHosts(mirror, "host");
    for (const { destination } of [...(route ?? []), ...(mirrors ?? [])]) normaliseHosts(destination, "host");
  }
  for (const { match, route } of spec.tls ?? []) {
    for (const { destination } of route ?? []) normaliseHosts(destination, "host");
    for (const attributes of match) normaliseHosts(attributes, "sniHosts");
  }
  for (const { route } of spec.tcp ?? [])
    for (const { destination } of route ?? []) normaliseHosts(destination, "host");
}
