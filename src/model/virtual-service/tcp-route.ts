import { codes } from "../codes.ts";
import { checkSubnet } from "../names.ts";
import { each, type Place } from "../report.ts";
import type { TcpRoute } from "../types.ts";
import { checkWeighted } from "./destination.ts";
import { checkTrafficSource } from "./match.ts";

/** https://istio.io/latest/docs/reference/config/networking/virtual-service/#TCPRoute */
export function checkTcpRoute(route: TcpRoute, place: Place): void {
  each(route.match, place.at("match"), (match, at) => {
    each(match.destinationSubnets, at.at("destinationSubnets"), checkSubnet);
    if (match.sourceSubnet) checkSubnet(match.sourceSubnet, at.at("sourceSubnet"));
    checkTrafficSource(match, at);
  });
  if (!route.route?.length) place.error(codes.incomplete, "needs a route");
  checkWeighted(route.route, place.at("route"));
}
