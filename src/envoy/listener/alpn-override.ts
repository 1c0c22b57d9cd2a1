import { FilterStateValue_SharedWithUpstream } from "../../../generated/envoy/extensions/filters/common/set_filter_state/v3/value.ts";
import { Filter } from "../../../generated/envoy/config/listener/v3/listener_components.ts";
import { Config } from "../../../generated/envoy/extensions/filters/network/set_filter_state/v3/set_filter_state.ts";
import type { VisibleService } from "../../mesh/index.ts";
import type { Subset } from "../../model/index.ts";
import { policyFor } from "../cluster/index.ts";
import { packAny } from "../resource.ts";
import { meshAlpnOverride } from "../tls-alpn.ts";

/** A port of a service that a TCP chain sends to. */
export interface TcpTarget {
  readonly visible: VisibleService;
  readonly port: number;
  readonly subset?: Subset;
}

const override: Filter = Filter.fromPartial({
  name: "envoy.filters.network.set_filter_state",
  typedConfig: packAny(
    Config,
    Config.fromPartial({
      onNewConnection: [
        {
          objectKey: meshAlpnOverride.key,
          formatString: { textFormatSource: { inlineString: meshAlpnOverride.value } },
          sharedWithUpstream: FilterStateValue_SharedWithUpstream.ONCE,
          readOnly: true,
        },
      ],
    }),
  ),
});

/**
 * The filter that says "TCP" to the server instead of "HTTP" (see tls-alpn.ts): needed where a target's port is
 * auto-detected, wrong where a DestinationRule brings TLS of its own, whose ALPN it would replace.
 */
export function alpnOverrideFor(targets: readonly TcpTarget[]): Filter[] {
  const detected = targets.some(({ visible, port }) => protocolOf(visible, port) === "AUTO");
  return detected && targets.every(meshTls) ? [override] : [];
}

function protocolOf({ service }: VisibleService, port: number): string | undefined {
  return service.ports.find(({ number }) => number === port)?.protocol;
}

function meshTls({ visible: { rule }, port, subset }: TcpTarget): boolean {
  const { tls } = policyFor(rule, port, subset);
  return tls === undefined || tls.mode === "ISTIO_MUTUAL";
}
