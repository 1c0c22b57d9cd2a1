import { codes } from "../codes.ts";
import { checkOneLine } from "../headers.ts";
import { checkPort } from "../names.ts";
import type { Place } from "../report.ts";
import type { HttpRoute } from "../types.ts";

const envoyCodes = [301, 302, 303, 307, 308];

/** https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRedirect */
export function checkRedirect(redirect: HttpRoute["redirect"], place: Place): void {
  if (!redirect) return;
  const { uri, authority, scheme, port, redirectCode = 0 } = redirect;
  if (!uri && !authority && !scheme && port === undefined && redirect.derivePort === undefined)
    place.error(codes.incomplete, "needs uri, authority, scheme or port");
  if (redirectCode !== 0 && !envoyCodes.includes(redirectCode))
    place.at("redirectCode").error(codes.value, `${redirectCode} is not a redirect`, `one of ${envoyCodes.join(", ")}`);
  if (scheme && scheme !== "http" && scheme !== "https") place.at("scheme").error(codes.value, "must be http or https");
  checkPort(port, place.at("port"));
  checkOneLine(uri, place.at("uri"));
  checkOneLine(authority, place.at("authority"));
}
