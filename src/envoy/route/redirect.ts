import {
  RedirectAction,
  RedirectAction_RedirectResponseCode,
} from "../../../generated/envoy/config/route/v3/route_components.ts";
import type { HttpRoute } from "../../model/index.ts";

type Redirect = NonNullable<HttpRoute["redirect"]>;

const codes: Readonly<Record<number, RedirectAction_RedirectResponseCode>> = {
  301: RedirectAction_RedirectResponseCode.MOVED_PERMANENTLY,
  302: RedirectAction_RedirectResponseCode.FOUND,
  303: RedirectAction_RedirectResponseCode.SEE_OTHER,
  307: RedirectAction_RedirectResponseCode.TEMPORARY_REDIRECT,
  308: RedirectAction_RedirectResponseCode.PERMANENT_REDIRECT,
};

/** `port`: the one the request came to. https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRedirect */
export function buildRedirect(redirect: Redirect, port: number): RedirectAction {
  return RedirectAction.fromPartial({
    hostRedirect: redirect.authority ?? "",
    ...(redirect.uri && { pathRedirect: redirect.uri }),
    ...(redirect.scheme && { schemeRedirect: redirect.scheme }),
    portRedirect: portOf(redirect, port),
    responseCode: codes[redirect.redirectCode ?? 301] ?? RedirectAction_RedirectResponseCode.MOVED_PERMANENTLY,
  });
}

/** 0: the port that the scheme implies. */
function portOf(redirect: Redirect, requestPort: number): number {
  const port = redirect.derivePort === "FROM_REQUEST_PORT" ? requestPort : (redirect.port ?? 0);
  const implied = redirect.scheme === "https" ? 443 : 80;
  return port === implied ? 0 : port;
}
