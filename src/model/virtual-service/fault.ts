import { codes } from "../codes.ts";
import { checkDuration } from "../duration.ts";
import { show } from "../names.ts";
import { checkFinePercent, checkPercent } from "../percent.ts";
import type { Place } from "../report.ts";
import { suggest } from "../spelling.ts";
import type { HttpRoute } from "../types.ts";
import { checkStatus } from "./status.ts";

type Fault = NonNullable<HttpRoute["fault"]>;

/** https://github.com/grpc/grpc/blob/master/doc/statuscodes.md */
const grpcStatuses = `OK CANCELLED UNKNOWN INVALID_ARGUMENT DEADLINE_EXCEEDED NOT_FOUND ALREADY_EXISTS PERMISSION_DENIED
  RESOURCE_EXHAUSTED FAILED_PRECONDITION ABORTED OUT_OF_RANGE UNIMPLEMENTED INTERNAL UNAVAILABLE DATA_LOSS UNAUTHENTICATED`.split(
  /\s+/,
);

/** https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPFaultInjection */
export function checkFault(fault: Fault | undefined, place: Place): void {
  if (!fault) return;
  if (!fault.abort && !fault.delay) place.error(codes.incomplete, "needs abort or delay");
  if (fault.abort) checkAbort(fault.abort, place.at("abort"));
  if (fault.delay) checkDelay(fault.delay, place.at("delay"));
}

function checkAbort(abort: NonNullable<Fault["abort"]>, place: Place): void {
  checkFinePercent(abort.percentage, place.at("percentage"));
  if (!abort.percentage) place.warn(codes.noEffect, "has no percentage: nothing is aborted");
  if (abort.http2Error !== undefined)
    place
      .at("http2Error")
      .error(codes.value, "as on Istio, which refuses it too, HTTP/2 errors are not implemented", "use httpStatus");
  else if (abort.httpStatus !== undefined) checkStatus(abort.httpStatus, place.at("httpStatus"));
  else if (abort.grpcStatus === undefined)
    place.warn(codes.noEffect, "has no httpStatus or grpcStatus: nothing is aborted");
  else if (!grpcStatuses.includes(abort.grpcStatus))
    place
      .at("grpcStatus")
      .error(codes.value, `"${show(abort.grpcStatus)}" is not a gRPC status`, suggest(abort.grpcStatus, grpcStatuses));
}

function checkDelay(delay: NonNullable<Fault["delay"]>, place: Place): void {
  checkFinePercent(delay.percentage, place.at("percentage"));
  checkPercent(delay.percent, place.at("percent"));
  if (delay.percent !== undefined) place.at("percent").warn(codes.deprecated, "is deprecated", "use percentage.value");
  else if (!delay.percentage) place.warn(codes.noEffect, "has no percentage: nothing is delayed");
  if (delay.exponentialDelay !== undefined)
    place
      .at("exponentialDelay")
      .error(codes.value, "as on Istio, which refuses it too, is not implemented", "use fixedDelay");
  else if (delay.fixedDelay === undefined) place.error(codes.incomplete, "needs fixedDelay");
  checkDuration(delay.fixedDelay, place.at("fixedDelay"));
}
