import { parseSettingsText } from "../document/settings-text.ts";
import type { Schema } from "../schema.ts";

const forwarding = ["UNDEFINED", "SANITIZE", "FORWARD_ONLY", "APPEND_FORWARD", "SANITIZE_SET", "ALWAYS_FORWARD_ONLY"];

/**
 * What stands before the gateways of a mesh, and may be believed.
 * https://istio.io/latest/docs/ops/configuration/traffic-management/network-topologies/
 */
export interface GatewayTopology {
  /** How many proxies before it add to `x-forwarded-for`; 0. */
  readonly numTrustedProxies?: number;
  /** What becomes of `x-forwarded-client-cert`; by default this connection's certificate, or nothing. */
  readonly forwardClientCertDetails?: string; // one of `forwarding`
  /** Connections begin with a PROXY header, which says whose they are. */
  readonly proxyProtocol?: object;
}

export const gatewayTopologySchema: Schema = {
  type: "object",
  additionalProperties: false,
  properties: {
    numTrustedProxies: { type: "integer", minimum: 0, maximum: 255 },
    forwardClientCertDetails: { type: "string", enum: forwarding },
    proxyProtocol: { type: "object", additionalProperties: false, properties: {} },
  },
};

/** Istio's annotation for a pod's own proxy: https://istio.io/latest/docs/reference/config/annotations/#ProxyConfig */
export const proxyConfigAnnotation = "proxy.istio.io/config";

/** Its shape as far as it is read by a schema; the other fields are anything. */
export const proxyConfigSchema: Schema = {
  type: "object",
  additionalProperties: true,
  properties: { gatewayTopology: gatewayTopologySchema },
};

/** The `gatewayTopology` of a pod's annotation. What cannot be read says nothing; injection tells why. */
export function parseGatewayTopology(annotations: Readonly<Record<string, string>>): GatewayTopology | undefined {
  const text = annotations[proxyConfigAnnotation];
  if (text === undefined) return undefined;
  const { value } = parseSettingsText(text, proxyConfigAnnotation, proxyConfigSchema);
  return (value as { readonly gatewayTopology?: GatewayTopology } | undefined)?.gatewayTopology;
}
