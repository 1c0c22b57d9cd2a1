import { Config } from "../../../../generated/envoy/extensions/filters/http/set_filter_state/v3/set_filter_state.ts";
import { packAny } from "../../resource.ts";
import type { HttpContext } from "../filter.ts";

/** Under which the address of a request's caller is kept for the filters that count. */
export const sourceIpState = "heddle.source_ip";

/**
 * Keeps the address that a caller cannot choose: at a sidecar that of the connection, for `x-forwarded-for` is believed there; at a gateway the
 * client's, as far as the gateway trusts the proxies before it.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_filters/set_filter_state
 */
export function sourceIpFilter({ direction }: HttpContext) {
  const address = direction === "gateway" ? "DOWNSTREAM_REMOTE_ADDRESS" : "DOWNSTREAM_DIRECT_REMOTE_ADDRESS";
  const config = Config.fromPartial({
    onRequestHeaders: [
      {
        objectKey: sourceIpState,
        factoryKey: "envoy.string",
        formatString: { textFormatSource: { inlineString: `%${address}_WITHOUT_PORT%` } },
      },
    ],
  });
  return { name: sourceIpState, typedConfig: packAny(Config, config) };
}
