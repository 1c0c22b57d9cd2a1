import { ApiVersion, type ConfigSource } from "../../../generated/envoy/config/core/v3/config_source.ts";

/** "On this stream": endpoints and secrets come over ADS, and Envoy waits for them as long as it takes rather than go without. */
export const adsSource: ConfigSource = {
  authorities: [],
  ads: {},
  resourceApiVersion: ApiVersion.V3,
  initialFetchTimeout: { seconds: 0, nanos: 0 },
};
