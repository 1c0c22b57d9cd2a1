import type { FaultDelay } from "../../../generated/envoy/extensions/filters/common/fault/v3/fault.ts";
import { type FaultAbort, HTTPFault } from "../../../generated/envoy/extensions/filters/http/fault/v3/fault.ts";
import type { HttpRoute } from "../../model/index.ts";
import { durationFrom } from "../duration.ts";
import { packAny } from "../resource.ts";
import type { HttpFilter } from "./filter.ts";
import { grpcStatusCode } from "./grpc-status.ts";
import { fractionalPercent } from "./percentage.ts";

type Fault = NonNullable<HttpRoute["fault"]>;

/** Aborts and delays requests: VirtualService.http[].fault. https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPFaultInjection */
export const fault: HttpFilter = {
  name: "envoy.filters.http.fault",
  appliesTo: ({ direction }) => direction !== "inbound",
  onlyWhereRouted: true,
  filter: () => packAny(HTTPFault, HTTPFault.fromPartial({})),
  perRoute: (rule) => {
    const config = rule.fault && buildFault(rule.fault);
    return config && packAny(HTTPFault, config);
  },
};

/** Undefined: nobody is hit. A part without a percentage hits nobody; `exponentialDelay` and `http2Error` never had a meaning. */
export function buildFault(fault: Fault): HTTPFault | undefined {
  const delay = fault.delay && buildDelay(fault.delay);
  const abort = fault.abort && buildAbort(fault.abort);
  return delay || abort ? HTTPFault.fromPartial({ delay, abort }) : undefined;
}

function buildDelay(delay: NonNullable<Fault["delay"]>): FaultDelay | undefined {
  const percent = delay.percentage ? delay.percentage.value : delay.percent;
  if (!percent || delay.fixedDelay === undefined) return undefined;
  const fixedDelay = durationFrom(delay.fixedDelay);
  if (fixedDelay.seconds === 0 && fixedDelay.nanos === 0) return undefined; // Envoy refuses a delay of nothing
  return { fixedDelay, percentage: fractionalPercent(percent) };
}

function buildAbort(abort: NonNullable<Fault["abort"]>): FaultAbort | undefined {
  const percent = abort.percentage?.value;
  if (!percent) return undefined;
  const percentage = fractionalPercent(percent);
  if (abort.httpStatus !== undefined) return { httpStatus: abort.httpStatus, percentage };
  const grpcStatus = abort.grpcStatus === undefined ? undefined : grpcStatusCode(abort.grpcStatus);
  return grpcStatus === undefined ? undefined : { grpcStatus, percentage };
}
