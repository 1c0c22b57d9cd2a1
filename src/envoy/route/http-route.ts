import { Route, RouteAction } from "../../../generated/envoy/config/route/v3/route_components.ts";
import type { MeshSettings, ScopedVirtualService } from "../../mesh/index.ts";
import type { HttpMatch, HttpRoute } from "../../model/index.ts";
import { buildPerRoute } from "../http/index.ts";
import { destinationCluster, destinationPort, type RouteContext } from "./destination.ts";
import { buildDirectResponse } from "./direct-response.ts";
import { buildHashPolicy } from "./hash-policy.ts";
import { authorityIn, buildHeaderFields, joinHeaderFields } from "./header-operations.ts";
import { buildMatch, isCatchAll } from "./match.ts";
import { buildMirrors } from "./mirror.ts";
import { operationFor } from "./operation.ts";
import { buildRedirect } from "./redirect.ts";
import { buildRetryPolicy } from "./retry.ts";
import { buildRewrite } from "./rewrite.ts";
import { buildTimeout } from "./timeout.ts";
import { buildWeightedClusters, weighedDestinations } from "./weight.ts";

/** Whether a VirtualService says anything to requests that come to this port. */
export function appliesTo(vs: ScopedVirtualService, port: number): boolean {
  return vs.http.some(({ rule: { match } }) => !match?.length || match.some((one) => isOn(one, port)));
}

/**
 * The routes of a VirtualService on one port, in the order they are written: the first that matches wins, and nothing is built
 * after one that matches everything. https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRoute
 */
export function buildRoutes(vs: ScopedVirtualService, settings: MeshSettings, context: RouteContext): Route[] {
  const routes: Route[] = [];
  for (const { rule } of vs.http) {
    for (const match of matchesOn(rule, context.port)) {
      const route = buildRoute(vs.object.metadata.name, rule, match, settings, context);
      routes.push(route);
      if (route.match && isCatchAll(route.match)) return routes;
    }
  }
  return routes;
}

/**
 * The routes of several VirtualServices for one host of a gateway, one after the other; those that match everything go last, or the
 * first VirtualService's would hide the others. https://istio.io/latest/docs/ops/best-practices/traffic-management/#split-virtual-services
 */
export function buildGatewayRoutes(
  all: readonly ScopedVirtualService[],
  settings: MeshSettings,
  context: RouteContext,
): Route[] {
  const routes = all.flatMap((vs) => buildRoutes(vs, settings, context));
  const [last, first] = [true, false].map((wanted) =>
    routes.filter(({ match }) => (match !== undefined && isCatchAll(match)) === wanted),
  );
  return [...(first ?? []), ...(last ?? [])];
}

/** The matches of a rule that can hold on this port; a rule without any holds always. */
function matchesOn(rule: HttpRoute, port: number): readonly (HttpMatch | undefined)[] {
  if (!rule.match || rule.match.length === 0) return [undefined];
  return rule.match.filter((match) => isOn(match, port));
}

function isOn(match: HttpMatch, port: number): boolean {
  return !match.port || match.port === port;
}

function buildRoute(
  virtualService: string,
  rule: HttpRoute,
  match: HttpMatch | undefined,
  settings: MeshSettings,
  context: RouteContext,
): Route {
  const routeMatch = buildMatch(match);
  const action = buildAction(rule, settings, context);
  const name = [rule.name, match?.name].filter(Boolean).join(".");
  return Route.fromPartial({
    name,
    match: routeMatch,
    statPrefix: match?.statPrefix ?? "",
    ...buildHeaderFields(rule.headers),
    ...action,
    decorator: { operation: operationFor(routeMatch, action.route?.cluster, `${virtualService}:${context.port}`) },
    typedPerFilterConfig: buildPerRoute(rule),
  });
}

/** A rule that sends nowhere (weights of 0 only, a delegate that is not there) fails its own requests and nobody else's. */
function buildAction(rule: HttpRoute, settings: MeshSettings, context: RouteContext): Partial<Route> {
  if (rule.redirect) return { redirect: buildRedirect(rule.redirect, context) };
  if (rule.directResponse) return { directResponse: buildDirectResponse(rule.directResponse) };
  const destinations = weighedDestinations(rule);
  if (destinations.length === 0) return { directResponse: buildDirectResponse({ status: 503 }) };

  const hashPolicy = destinations.flatMap(({ destination }) => {
    const rule = context.targets.get(destination.host)?.rule;
    return buildHashPolicy(rule, destinationPort(destination, context), destination.subset);
  });
  const shared = {
    ...buildTimeout(rule.timeout),
    ...buildRewrite(rule),
    requestMirrorPolicies: buildMirrors(rule, context),
    retryPolicy: buildRetryPolicy(rule.retries, settings, rule.route?.length === 1 && hashPolicy.length > 0),
    hashPolicy,
  };
  const [only] = destinations;
  if (!only || rule.route?.length !== 1) {
    return { route: RouteAction.fromPartial({ ...shared, ...buildWeightedClusters(destinations, context) }) };
  }
  const authority = shared.hostRewriteLiteral || authorityIn(only.headers);
  return {
    ...joinHeaderFields(buildHeaderFields(rule.headers), buildHeaderFields(only.headers)),
    route: RouteAction.fromPartial({
      ...shared,
      cluster: destinationCluster(only.destination, context),
      ...(authority && { hostRewriteLiteral: authority }),
    }),
  };
}
