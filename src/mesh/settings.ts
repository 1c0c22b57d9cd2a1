import type { MeshObject } from "../model/index.ts";
import { serviceGateways } from "./network.ts";
import type { MeshSettings } from "./types.ts";

/**
 * MeshConfig with every default filled in, and what the gateways' Services say of networks: https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/
 * Durations stay as written ("10s").
 */
export function settingsFrom(
  object: MeshObject<"MeshConfig"> | undefined,
  services: readonly MeshObject<"Service">[] = [],
): MeshSettings {
  const networkGateways = serviceGateways(services);
  const config = object?.spec ?? {};
  return Object.freeze({
    trustDomain: config.trustDomain ?? "cluster.local",
    trustDomainAliases: config.trustDomainAliases ?? [],
    rootNamespace: config.rootNamespace ?? "istio-system",
    domain: "cluster.local",
    autoMtls: config.enableAutoMtls ?? true,
    outboundTrafficPolicy: config.outboundTrafficPolicy?.mode ?? "ALLOW_ANY",
    connectTimeout: config.connectTimeout ?? "10s",
    protocolDetectionTimeout: config.protocolDetectionTimeout ?? "0s",
    config,
    ...(object && { object }),
    ...(networkGateways.length > 0 && { networkGateways }),
  });
}
