import { codes } from "../codes.ts";
import { checkDuration } from "../duration.ts";
import { isAuthority } from "../headers.ts";
import { checkFinePercent, checkPercent } from "../percent.ts";
import { each, type Place } from "../report.ts";
import type { HttpRoute } from "../types.ts";
import { checkCors } from "./cors.ts";
import { checkDestination, checkWeighted } from "./destination.ts";
import { checkDirectResponse } from "./direct-response.ts";
import { checkFault } from "./fault.ts";
import { checkHeaders } from "./header-operations.ts";
import { checkHttpMatch } from "./match.ts";
import { checkRedirect } from "./redirect.ts";
import { checkRetries } from "./retries.ts";
import { checkRewrite } from "./rewrite.ts";

/** https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRoute */
export function checkHttpRoute(route: HttpRoute, place: Place, isDelegate: boolean): void {
  checkAction(route, place, isDelegate);
  each(route.match, place.at("match"), (match, at) =>
    checkHttpMatch(match, at, isDelegate || route.delegate !== undefined),
  );
  checkWeighted(route.route, place.at("route"));
  each(route.route, place.at("route"), ({ headers }, at) => checkHeaders(headers, at.at("headers")));
  checkHeaders(route.headers, place.at("headers"));
  checkCors(route.corsPolicy, place.at("corsPolicy"));
  checkFault(route.fault, place.at("fault"));
  checkMirrors(route, place);
  checkRedirect(route.redirect, place.at("redirect"));
  checkDirectResponse(route.directResponse, place.at("directResponse"));
  checkRetries(route.retries, place.at("retries"));
  checkRewrite(route.rewrite, place.at("rewrite"));
  checkAuthorityOnce(route, place);
  checkDuration(route.timeout, place.at("timeout"), { zero: true });
}

/** A route does one thing: forward, redirect, answer, or delegate. */
function checkAction(route: HttpRoute, place: Place, isDelegate: boolean): void {
  const { redirect, directResponse, delegate } = route;
  const forwards = (route.route ?? []).length > 0;
  if (delegate) {
    if (isDelegate) place.at("delegate").error(codes.conflict, "a delegate cannot delegate");
    if (!delegate.name) place.at("delegate").error(codes.incomplete, "needs a name");
    for (const field of ["route", "redirect", "directResponse"] as const)
      if (route[field]) place.at(field).error(codes.conflict, "a route that delegates has no action of its own");
    return;
  }
  const actions = [forwards && "route", redirect && "redirect", directResponse && "directResponse"].filter(Boolean);
  if (actions.length > 1) place.error(codes.conflict, `only one of ${actions.join(", ")} may be set`);
  if (actions.length === 0) place.error(codes.incomplete, "needs one of route, redirect, directResponse");
  if (redirect && route.fault) place.at("fault").error(codes.conflict, "cannot stand together with redirect");
  if ((redirect ?? directResponse) && route.rewrite)
    place.at("rewrite").error(codes.conflict, "nothing is forwarded that could be rewritten");
}

function checkMirrors(route: HttpRoute, place: Place): void {
  checkDestination(route.mirror, place.at("mirror"));
  if (route.mirror && route.mirrors?.length)
    place.at("mirrors").error(codes.conflict, "only one of mirror and mirrors may be set");
  each(route.mirrors, place.at("mirrors"), ({ destination, percentage }, at) => {
    checkDestination(destination, at.at("destination"));
    checkFinePercent(percentage, at.at("percentage"));
  });
  checkFinePercent(route.mirrorPercentage, place.at("mirrorPercentage"));
  for (const field of ["mirrorPercent", "mirror_percent"] as const) {
    if (route[field] === undefined) continue;
    checkPercent(route[field], place.at(field));
    place.at(field).warn(codes.deprecated, "is deprecated", "use mirrorPercentage");
  }
}

/** The host that the upstream sees can be set in one place only. */
function checkAuthorityOnce({ rewrite, headers }: HttpRoute, place: Place): void {
  const changes = [...Object.keys(headers?.request?.set ?? {}), ...Object.keys(headers?.request?.add ?? {})].filter(
    isAuthority,
  );
  if (changes.length + (rewrite?.authority ? 1 : 0) > 1) place.error(codes.conflict, "the host is set more than once");
}
