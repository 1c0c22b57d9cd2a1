import { codes } from "./codes.ts";
import type { Place } from "./report.ts";
import type { Kind } from "./types.ts";

/** A field that means something to Istio or Kubernetes and changes nothing here. */
interface Unsupported {
  /** Steps from `spec`; `*` is every item of a list. */
  readonly path: readonly string[];
  readonly why: string;
  /** The values that mean something we do not do. */
  readonly when: (value: unknown) => boolean;
}

/** Nothing that a user writes is passed over in silence: a field stands here, or it is an error, or it changes a golden. */
const unsupported: Partial<Record<Kind, readonly Unsupported[]>> = {
  VirtualService: [
    at("tcp.*.match.*.sourceSubnet", "as on Istio, connections are not told apart by the address they come from"),
  ],
  Gateway: [
    at("servers.*.name", "as on Istio, a server's name changes nothing"),
    at("servers.*.tls.tlsCertificates.*.caCertificates", "as on Istio, name the roots beside the list"),
    at("servers.*.defaultEndpoint", "as on Istio, requests go where VirtualServices send them, or get 404"),
  ],
  EnvoyFilter: [
    at("configPatches.*.match.listener.portName", "as on Istio, a listener is not found by the name of a port"),
    at("configPatches.*.match.waypoint", "there are no waypoints"),
    at(
      "configPatches.*.patch.filterClass",
      "a filter stands where the operation and the match say",
      (filterClass) => filterClass !== "UNSPECIFIED",
    ),
    at("targetRefs.*.namespace", "as on Istio, a target is in the namespace of the EnvoyFilter"),
  ],
  WorkloadGroup: [at("template.address", "as on Istio, each workload tells its own address when it joins")],
  Sidecar: [
    ...["ingress.*.connectionPool", "inboundConnectionPool"].map((pool) =>
      at(
        `${pool}.http.h2UpgradePolicy`,
        "as on Istio, the app is called as its port says: an upgrade is between sidecars",
      ),
    ),
    at(
      "ingress.*.tls.caCertCredentialName",
      "as on Istio, is read beside a credentialName only, and a Sidecar has none",
    ),
    at("ingress.*.tls.tlsCertificates.*.caCertificates", "as on Istio, name the roots beside the list"),
  ],
  Service: [
    at(
      "trafficDistribution",
      "is none of PreferSameZone, PreferClose and PreferSameNode: all endpoints are called alike",
      (preference) => !["", "PreferClose", "PreferSameZone", "PreferSameNode"].includes(String(preference)),
    ),
    at("internalTrafficPolicy", "is not supported yet: all endpoints are called", (policy) => policy === "Local"),
    at(
      "sessionAffinity",
      "as on Istio, requests are balanced one by one: use a DestinationRule with consistentHash.useSourceIp",
      (affinity) => affinity === "ClientIP",
    ),
  ],
};

function at(field: string, why: string, when: Unsupported["when"] = (value) => value !== ""): Unsupported {
  return { path: field.split("."), why, when };
}

/** Warns of every field of a spec that is taken and does nothing, with the reason and what happens instead. */
export function warnUnsupported(kind: Kind, spec: unknown, place: Place): void {
  for (const { path, why, when } of unsupported[kind] ?? [])
    visit(spec, path, place, (value, field) => {
      if (when(value)) field.warn(codes.unsupportedField, why);
    });
}

/** Calls `tell` with each value that a path leads to. */
function visit(value: unknown, path: readonly string[], place: Place, tell: (value: unknown, place: Place) => void) {
  const [step, ...rest] = path;
  if (step === undefined) return tell(value, place);
  if (typeof value !== "object" || value === null) return;
  if (step === "*") {
    if (Array.isArray(value)) value.forEach((item, index) => visit(item, rest, place.at(index), tell));
  } else if (Object.hasOwn(value, step)) {
    visit((value as Readonly<Record<string, unknown>>)[step], rest, place.at(step), tell);
  }
}
