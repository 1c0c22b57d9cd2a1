import { BindConfig } from "../../../generated/envoy/config/core/v3/address.ts";
import type { Families } from "../listener/families.ts";

/** Addresses of the loopback interface by which the interception rules know what comes from the sidecar for its own app (ISTIO_OUTPUT, first rule). */
const v4 = "127.0.0.6";
const v6 = "::6";

/** Connects from an address that iptables lets through to the app instead of redirecting it to the sidecar again. */
export function buildBind(families: Families): BindConfig {
  const own = families.v4 ? v4 : v6;
  return BindConfig.fromPartial({
    sourceAddress: { address: own, portValue: 0 },
    extraSourceAddresses: families.v4 && families.v6 ? [{ address: { address: v6, portValue: 0 } }] : [],
  });
}
