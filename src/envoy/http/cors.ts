import { Cors, CorsPolicy } from "../../../generated/envoy/extensions/filters/http/cors/v3/cors.ts";
import type { HttpRoute } from "../../model/index.ts";
import { durationFrom } from "../duration.ts";
import { packAny } from "../resource.ts";
import type { HttpFilter } from "./filter.ts";
import { fractionalPercent } from "./percentage.ts";
import { buildStringMatcher } from "./string-match.ts";

/** Answers preflights and marks responses: VirtualService.http[].corsPolicy. https://istio.io/latest/docs/reference/config/networking/virtual-service/#CorsPolicy */
export const cors: HttpFilter = {
  name: "envoy.filters.http.cors",
  appliesTo: ({ direction }) => direction !== "inbound",
  onlyWhereRouted: true,
  filter: () => packAny(Cors, {}),
  perRoute: ({ corsPolicy }) => (corsPolicy ? packAny(CorsPolicy, buildCorsPolicy(corsPolicy)) : undefined),
};

/** Preflights of other origins go on to the server unless `unmatchedPreflights` is IGNORE. */
export function buildCorsPolicy(policy: NonNullable<HttpRoute["corsPolicy"]>): CorsPolicy {
  const origins = policy.allowOrigins ?? (policy.allowOrigin ?? []).map((exact) => ({ exact }));
  return CorsPolicy.fromPartial({
    allowOriginStringMatch: origins.map(buildStringMatcher),
    allowMethods: (policy.allowMethods ?? []).join(","),
    allowHeaders: (policy.allowHeaders ?? []).join(","),
    exposeHeaders: (policy.exposeHeaders ?? []).join(","),
    maxAge: policy.maxAge === undefined ? "" : String(durationFrom(policy.maxAge).seconds),
    allowCredentials: policy.allowCredentials,
    filterEnabled: { defaultValue: fractionalPercent(100) },
    forwardNotMatchingPreflights: policy.unmatchedPreflights !== "IGNORE",
  });
}
