import { codes } from "../codes.ts";
import { checkOneLine } from "../headers.ts";
import { checkRegex } from "../regex.ts";
import type { Place } from "../report.ts";
import type { HttpRoute } from "../types.ts";

/** https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRewrite */
export function checkRewrite(rewrite: HttpRoute["rewrite"], place: Place): void {
  if (!rewrite) return;
  const { uri, authority, uriRegexRewrite } = rewrite;
  if (!uri && !authority && !uriRegexRewrite) place.error(codes.incomplete, "needs uri, uriRegexRewrite or authority");
  if (uri && uriRegexRewrite) place.error(codes.conflict, "only one of uri and uriRegexRewrite may be set");
  checkOneLine(uri, place.at("uri"));
  checkOneLine(authority, place.at("authority"));
  checkOneLine(uriRegexRewrite?.rewrite, place.at("uriRegexRewrite", "rewrite"));
  if (!uriRegexRewrite) return;
  const at = place.at("uriRegexRewrite");
  if (!uriRegexRewrite.match || !uriRegexRewrite.rewrite) at.error(codes.incomplete, "needs match and rewrite");
  if (uriRegexRewrite.match) checkRegex(uriRegexRewrite.match, at.at("match"));
}
