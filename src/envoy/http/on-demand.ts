import { ApiVersion } from "../../../generated/envoy/config/core/v3/config_source.ts";
import { OnDemand, PerRouteConfig } from "../../../generated/envoy/extensions/filters/http/on_demand/v3/on_demand.ts";
import type { Any } from "../../../generated/google/protobuf/any.ts";
import { durationFrom } from "../duration.ts";
import { packAny } from "../resource.ts";
import type { HttpFilter } from "./filter.ts";

const name = "envoy.filters.http.on_demand";

/** How long a request waits for a cluster that does not come: then it is answered with 503. */
const timeout = "2s";

/**
 * Lets a request wait for a cluster that is not there, and asks the control plane for it. Route configurations switch it on. A request
 * that no route takes never meets it: it would ask for a virtual host then, and without a control plane wait for ever.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_filters/on_demand_updates_filter
 */
export const onDemand: HttpFilter = {
  name,
  appliesTo: ({ direction }) => direction === "outbound",
  onlyWhereRouted: true,
  filter: () => packAny(OnDemand, OnDemand.fromPartial({})),
};

/** The `typed_per_filter_config` of a route configuration whose clusters come on demand, over ADS. */
export const onDemandClusters: Readonly<Record<string, Any>> = Object.freeze({
  [name]: packAny(
    PerRouteConfig,
    PerRouteConfig.fromPartial({
      odcds: { source: { ads: {}, resourceApiVersion: ApiVersion.V3 }, timeout: durationFrom(timeout) },
    }),
  ),
});
