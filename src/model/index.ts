export * from "./object.ts";
export type * from "./types.ts";
export type * from "./kubernetes/types.ts";
export type * from "./mesh-config/types.ts";
export { parseObject } from "./parse.ts";
export { ApiOrigin } from "./api-origin.ts";
/** Every kind, in the order of listings. */
export { kinds } from "./kinds.ts";
export {
  parseDocuments,
  isSameObject,
  moveOrigin,
  duplicateProblem,
  refOf,
  maxFileBytes,
  type ParsedFile,
} from "./parse.ts";
export type { KnownFile } from "./known-documents.ts";
export { splitDocuments, type DocumentText } from "./document/split.ts";
export {
  parseGatewayTopology,
  proxyConfigAnnotation,
  proxyConfigSchema,
  type GatewayTopology,
} from "./mesh-config/gateway-topology.ts";
export { parseSettingsText } from "./document/settings-text.ts";
export { readDocument, type RawObject } from "./document/document.ts";
export { type Schema } from "./schema.ts";
export { isCipherSuite } from "./gateway/cipher-suites.ts";
export { faultsOfMetadata, type Marked } from "./istio-metadata/check.ts";
export { healthAnnotation, healthCondition } from "./workload-entry/health.ts";
export { networkLabel } from "./kubernetes/service.ts";
export { isGatewayPod } from "./kubernetes/gateway-pod.ts";
export { parseDuration } from "./duration.ts";
/** @public Reading addresses in a spec. */
export { isCidr, isIp } from "./names.ts";
/** The service that counts for a global RateLimit. */
export { parseServicePort, type ServicePortName } from "./rate-limit/service-port.ts";
export { versionPattern } from "./envoy-filter/version-pattern.ts";
export { patchValueOf } from "./envoy-filter/value.ts";
export { type ApplyTo, type ConfigPatch } from "./envoy-filter/patch-types.ts";
