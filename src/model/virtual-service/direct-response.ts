import { codes } from "../codes.ts";
import type { Place } from "../report.ts";
import type { HttpRoute } from "../types.ts";
import { checkStatus } from "./status.ts";

const large = 100 * 1024;

/** https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPDirectResponse */
export function checkDirectResponse(response: HttpRoute["directResponse"], place: Place): void {
  if (!response) return;
  checkStatus(response.status, place.at("status"));
  const { body } = response;
  if (!body) return;
  if (body.string === undefined && body.bytes === undefined)
    place.at("body").error(codes.incomplete, "needs string or bytes");
  if (body.bytes !== undefined && !/^(?:[A-Za-z0-9+/_-]{4})*(?:[A-Za-z0-9+/_-]{2,3}={0,2})?$/.test(body.bytes))
    place.at("body", "bytes").error(codes.value, "is not base64");
  if ((body.string ?? body.bytes ?? "").length > large)
    place.at("body").warn(codes.tooLarge, "a body of more than 100 KiB travels to every proxy");
}
