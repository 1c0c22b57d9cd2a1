import {
  RedirectAction,
  RedirectAction_RedirectResponseCode,
} from "../../../generated/envoy/config/route/v3/route_components.ts";
import type { HttpRoute } from "../../model/index.ts";
import type { RouteContext } from "./destination.ts";

type Redirect = NonNullable<HttpRoute["redirect"]>;

const codes: Readonly<Record<number, RedirectAction_RedirectResponseCode>> = {
  301: RedirectAction_RedirectResponseCode.MOVED_PERMANENTLY,
  302: RedirectAction_RedirectResponseCode.FOUND,
  303: RedirectAction_RedirectResponseCode.SEE_OTHER,
  307: RedirectAction_RedirectResponseCode.TEMPORARY_REDIRECT,
  308: RedirectAction_RedirectResponseCode.PERMANENT_REDIRECT,
};

/** `port`: the one the request came to; `overTls`: as it came. https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRedirect */
export function buildRedirect(redirect: Redirect, came: Pick<RouteContext, "port" | "overTls">): RedirectAction {
  return RedirectAction.fromPartial({
    hostRedirect: redirect.authority ?? "",
    ...(redirect.uri && { pathRedirect: redirect.uri }),
    ...(redirect.scheme && { schemeRedirect: redirect.scheme }),
    portRedirect: portOf(redirect, came),
    responseCode: codes[redirect.redirectCode ?? 301] ?? RedirectAction_RedirectResponseCode.MOVED_PERMANENTLY,
  });
}

/** 0: the port that the scheme implies, which is the request's own where the redirect names none. */
function portOf(redirect: Redirect, came: Pick<RouteContext, "port" | "overTls">): number {
  const port = redirect.derivePort === "FROM_REQUEST_PORT" ? came.port : (redirect.port ?? 0);
  const implied = (redirect.scheme || (came.overTls ? "https" : "http")) === "https" ? 443 : 80;
  return port === implied ? 0 : port;
}
