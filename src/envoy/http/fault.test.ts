import { HTTPFault } from "../../../generated/envoy/extensions/filters/http/fault/v3/fault.ts";
import { buildFault } from "./fault.ts";

const json = (fault: Parameters<typeof buildFault>[0]) => {
  const built = buildFault(fault);
  return built && HTTPFault.toJSON(built);
};
const share = (numerator: number) => ({ percentage: { numerator, denominator: "MILLION" } });

describe("buildFault", () => {
  it("delays and aborts the share that was asked for", () => {
    const fault = {
      delay: { fixedDelay: "5s", percentage: { value: 10 } },
      abort: { httpStatus: 503, percentage: { value: 0.0001 } },
    };
    expect(json(fault)).toEqual({
      delay: { fixedDelay: "5s", ...share(100_000) },
      abort: { httpStatus: 503, ...share(1) },
    });
  });

  it.each([
    [{ delay: { fixedDelay: "5s" } }],
    [{ abort: { httpStatus: 503 } }],
    [{ abort: { httpStatus: 503, percentage: {} } }],
    [{ abort: { httpStatus: 503, percentage: { value: 0 } } }],
  ])("hits nobody without a percentage: %j", (fault) => {
    expect(json(fault)).toBeUndefined();
  });

  it.each([
    [{ delay: { exponentialDelay: "5s", percentage: { value: 10 } } }],
    [{ delay: { fixedDelay: "0s", percentage: { value: 10 } } }],
    [{ abort: { http2Error: "REFUSED", percentage: { value: 10 } } }],
    [{ abort: { grpcStatus: "NO_SUCH_STATUS", percentage: { value: 10 } } }],
  ])("leaves out what Envoy has no word for: %j", (fault) => {
    expect(json(fault)).toBeUndefined();
  });

  it("keeps the other half when one half hits nobody", () => {
    expect(
      json({ delay: { fixedDelay: "1s" }, abort: { grpcStatus: "UNAVAILABLE", percentage: { value: 100 } } }),
    ).toEqual({
      abort: { grpcStatus: 14, ...share(1_000_000) },
    });
  });

  it("reads the deprecated percent", () => {
    expect(json({ delay: { fixedDelay: "1s", percent: 7 } })).toEqual({
      delay: { fixedDelay: "1s", ...share(70_000) },
    });
  });
});
