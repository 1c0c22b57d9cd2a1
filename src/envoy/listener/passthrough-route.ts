import { RouteConfiguration } from "../../../generated/envoy/config/route/v3/route.ts";
import { inboundPassthroughCluster } from "../names.ts";

/** The routes of HTTP to a port that no service names: every request goes where it was sent to, and for as long as it takes. */
export const passthroughRoute: RouteConfiguration = RouteConfiguration.fromPartial({
  name: inboundPassthroughCluster,
  validateClusters: false,
  virtualHosts: [
    {
      name: "inbound|http|0",
      domains: ["*"],
      routes: [
        {
          name: "default",
          match: { prefix: "/" },
          route: {
            cluster: inboundPassthroughCluster,
            timeout: { seconds: 0, nanos: 0 },
            maxStreamDuration: {
              maxStreamDuration: { seconds: 0, nanos: 0 },
              grpcTimeoutHeaderMax: { seconds: 0, nanos: 0 },
            },
          },
          decorator: { operation: ":0/*" },
        },
      ],
    },
  ],
});
