import { RouteConfiguration } from "../../../generated/envoy/config/route/v3/route.ts";
import type { InboundPort } from "../../mesh/index.ts";
import { inboundClusterName } from "../names.ts";
import { buildInboundDefaultRoute } from "./default-route.ts";

/** The routes that a server's listener carries with it: all requests go to the workload. Policy is the caller's matter. */
export function inboundRoute({ port, protocol, service, servicePort }: InboundPort): RouteConfiguration {
  return RouteConfiguration.fromPartial({
    name: inboundClusterName(port),
    virtualHosts: [
      {
        name: `inbound|http|${servicePort.number}`,
        domains: ["*"],
        routes: [buildInboundDefaultRoute({ port, protocol }, `${service.hostname}:${servicePort.number}`)],
      },
    ],
    validateClusters: false,
  });
}
