import { codes } from "../codes.ts";
import { checkDuration, parseDuration } from "../duration.ts";
import { checkHeaderName } from "../headers.ts";
import { show } from "../names.ts";
import { each, type Place } from "../report.ts";
import { suggest } from "../spelling.ts";
import type { HttpRoute } from "../types.ts";
import { checkStringMatch } from "./match.ts";

const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE"];

/** https://istio.io/latest/docs/reference/config/networking/virtual-service/#CorsPolicy */
export function checkCors(cors: HttpRoute["corsPolicy"], place: Place): void {
  if (!cors) return;
  each(cors.allowOrigins, place.at("allowOrigins"), (origin, at) => {
    checkStringMatch(origin, at);
    if (origin.exact === "") at.at("exact").error(codes.incomplete, "must not be empty");
  });
  if (cors.allowOrigin) place.at("allowOrigin").warn(codes.deprecated, "is deprecated", "use allowOrigins");
  each(cors.allowMethods, place.at("allowMethods"), (method, at) => {
    if (!methods.includes(method))
      at.error(codes.value, `"${show(method)}" is not an HTTP method`, suggest(method, methods));
  });
  for (const field of ["allowHeaders", "exposeHeaders"] as const)
    each(cors[field], place.at(field), (name, at) => {
      if (name !== "*") checkHeaderName(name, at);
    });
  checkDuration(cors.maxAge, place.at("maxAge"), { zero: true });
  if ((parseDuration(cors.maxAge ?? "") ?? 0) % 1000 !== 0)
    place.at("maxAge").error(codes.duration, "must be whole seconds");
}
