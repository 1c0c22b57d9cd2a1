import { codes } from "./codes.ts";
import { destinationRule } from "./destination-rule/destination-rule.ts";
import { envoyFilter } from "./envoy-filter/envoy-filter.ts";
import { gateway } from "./gateway/gateway.ts";
import type { KindDefinition } from "./kind.ts";
import { endpointSlice } from "./kubernetes/endpoint-slice.ts";
import { namespace } from "./kubernetes/namespace.ts";
import { node } from "./kubernetes/node.ts";
import { pod } from "./kubernetes/pod.ts";
import { service } from "./kubernetes/service.ts";
import { meshConfig } from "./mesh-config/mesh-config.ts";
import { proxyConfig } from "./proxy-config/proxy-config.ts";
import { peerAuthentication } from "./peer-authentication/peer-authentication.ts";
import { rateLimit } from "./rate-limit/rate-limit.ts";
import { show } from "./names.ts";
import type { Place } from "./report.ts";
import { secret } from "./secret/secret.ts";
import { serviceEntry } from "./service-entry/service-entry.ts";
import { sidecar } from "./sidecar/sidecar.ts";
import { suggest } from "./spelling.ts";
import { virtualService } from "./virtual-service/virtual-service.ts";
import { workloadEntry } from "./workload-entry/workload-entry.ts";
import { workloadGroup } from "./workload-group/workload-group.ts";

/** Every kind we read, in the order in which listings show them. */
export const kinds: readonly KindDefinition[] = [
  meshConfig,
  namespace,
  node,
  service,
  endpointSlice,
  pod,
  secret,
  serviceEntry,
  workloadEntry,
  workloadGroup,
  virtualService,
  destinationRule,
  gateway,
  sidecar,
  proxyConfig,
  peerAuthentication,
  rateLimit,
  envoyFilter,
];

/** Kinds of Istio and of the Gateway API that mean something, but not to us yet. */
const unsupported: ReadonlySet<string> = new Set([
  ...["AuthorizationPolicy", "RequestAuthentication"].map((kind) => `security.istio.io/${kind}`),
  "telemetry.istio.io/Telemetry",
  "extensions.istio.io/WasmPlugin",
  "install.istio.io/IstioOperator",
]);

const byName = new Map<string, KindDefinition>(
  kinds.flatMap((definition) => definition.apiVersions.map((version) => [`${version}/${definition.kind}`, definition])),
);

/** The kind of an object, or undefined where we have no use for it. */
export function kindFor(kind: string, apiVersion: string): KindDefinition | undefined {
  return byName.get(`${apiVersion}/${kind}`);
}

/** Warns of a kind that will have no effect; other kinds of Kubernetes itself (Deployment, ConfigMap) are nobody's mistake. */
export function reportUnknownKind(kind: string, apiVersion: string, place: Place): void {
  const group = groupOf(apiVersion);
  if (unsupported.has(`${group}/${kind}`) || group === "gateway.networking.k8s.io")
    return place.at("kind").warn(codes.unsupportedKind, `${show(kind)} is not supported yet: it has no effect`);
  const names = kinds
    .filter(({ apiVersions }) => apiVersions.some((version) => groupOf(version) === group))
    .map(({ kind }) => kind);
  const near = suggest(kind, names);
  const exact = names.find((name) => name === kind);
  if (exact !== undefined) {
    const versions = kinds.find((definition) => definition.kind === exact)?.apiVersions.join(", ");
    return place
      .at("apiVersion")
      .warn(
        codes.unknownKind,
        `${show(apiVersion)} is not a version of ${kind} we know: it has no effect`,
        `known: ${versions}`,
      );
  }
  const isBuiltIn = !group.includes(".") || group.endsWith(".k8s.io");
  if (isBuiltIn && near === undefined) return;
  place
    .at("kind")
    .warn(codes.unknownKind, `${show(kind)} of ${show(apiVersion)} is not a kind we know: it has no effect`, near);
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
}
