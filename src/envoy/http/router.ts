import { Router } from "../../../generated/envoy/extensions/filters/http/router/v3/router.ts";
import { packAny } from "../resource.ts";
import type { HttpFilter } from "./filter.ts";

/** Sends the request where its route says. https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_filters/router_filter */
export const router: HttpFilter = {
  name: "envoy.filters.http.router",
  appliesTo: () => true,
  filter: () => packAny(Router, Router.fromPartial({})),
};
