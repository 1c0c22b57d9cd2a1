import { settings } from "../cluster/test-support.ts";
import { buildRetryPolicy } from "./retry.ts";

describe("buildRetryPolicy", () => {
  it("is Istio's where nobody says anything", () => {
    expect(buildRetryPolicy(undefined, settings, false)).toMatchObject({
      numRetries: 2,
      retryOn: "connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes",
      retriableStatusCodes: [],
      hostSelectionRetryMaxAttempts: 5,
      retryHostPredicate: [{ name: "envoy.retry_host_predicates.previous_hosts" }],
    });
  });

  it("is the mesh's before Istio's, and the rule's before the mesh's, whole", () => {
    const mesh = { ...settings, config: { defaultHttpRetryPolicy: { attempts: 7, perTryTimeout: "1s" } } };
    expect(buildRetryPolicy(undefined, mesh, false)?.numRetries).toBe(7);
    expect(buildRetryPolicy({ attempts: 1 }, mesh, false)).toMatchObject({ numRetries: 1, perTryTimeout: undefined });
  });

  it.each([{ attempts: 0 }, {}, { retryOn: "5xx" }])("is off without attempts: %j", (retries) => {
    expect(buildRetryPolicy(retries, settings, false)).toBeUndefined();
  });

  it.each([
    ["503", "retriable-status-codes", [503]],
    ["5xx, 429 ,reset", "5xx,reset,retriable-status-codes", [429]],
    ["retriable-status-codes,503", "retriable-status-codes", [503]],
    ["gateway-error", "gateway-error", []],
  ])("reads numbers among the conditions as status codes: %s", (retryOn, conditions, codes) => {
    expect(buildRetryPolicy({ attempts: 1, retryOn }, settings, false)).toMatchObject({
      retryOn: conditions,
      retriableStatusCodes: codes,
    });
  });

  it("may go back to the same host where a hash picks it, unless told otherwise", () => {
    expect(buildRetryPolicy(undefined, settings, true)?.retryHostPredicate).toEqual([]);
    const retries = { attempts: 1, retryIgnorePreviousHosts: true };
    expect(buildRetryPolicy(retries, settings, true)?.retryHostPredicate).toHaveLength(1);
  });

  it("does not send a pause of nothing, which Envoy refuses", () => {
    expect(buildRetryPolicy({ attempts: 1, backoff: "0s" }, settings, false)?.retryBackOff).toBeUndefined();
  });
});
