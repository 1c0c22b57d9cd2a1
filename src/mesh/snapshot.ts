import type { Problem } from "../lib/index.ts";
import type { MeshObject } from "../model/index.ts";
import { buildRules } from "./destination-rule.ts";
import { buildEndpoints } from "./endpoint.ts";
import { problemsOf } from "./findings/finding.ts";
import { clusterFindingsOf, findingsOf } from "./findings/findings.ts";
import { buildObjectIndex, newestOf, ofKind } from "./objects.ts";
import { buildPeerAuthentications } from "./peer-authentication.ts";
import { nextPool } from "./pool.ts";
import { buildRegistry } from "./registry.ts";
import type { InboundSource } from "./inbound.ts";
import type { ScopeSource } from "./scope.ts";
import { buildServed } from "./served.ts";
import { settingsFrom } from "./settings.ts";
import { keepContent, sameItems } from "./sharing.ts";
import { indexOf, setIndex, type SnapshotParts } from "./snapshot-index.ts";
import type { Snapshot } from "./snapshot-types.ts";
import { buildVirtualServices } from "./virtual-service.ts";
import { buildPeers, type Sight } from "./visible-service.ts";
import { buildWorkloads } from "./workload.ts";

/**
 * The whole mesh at one moment. Every part that says the same as in `previous` is the same JavaScript object, and so is the
 * snapshot itself when nothing has changed. The order of `objects` makes no difference. The problems are warnings: what does not
 * fit together is left out or overruled, the rest works.
 */
export function buildSnapshot(
  objects: readonly MeshObject[],
  previous?: Snapshot,
): { readonly snapshot: Snapshot; readonly problems: readonly Problem[] } {
  const old = previous && indexOf(previous);
  const parts = buildParts(objects, old);
  const snapshot = keepFields(previous, snapshotOf(parts));
  const scopeSource = scopeSourceOf(parts, old?.scopeSource);
  const inboundSource = inboundSourceOf(parts, old?.inboundSource);
  const gateways = old && snapshot === previous ? old.gateways : nextPool(old?.gateways); // one that stays has its views already
  setIndex(snapshot, { ...parts, scopeSource, inboundSource, gateways });
  return { snapshot, problems: problemsOf(findingsOf(parts), (object) => newestOf(parts.objects, object)) };
}

/** What is worth telling of a cluster and of nothing else: namespaces and pods that have no sidecar. Asked for by `check`, not with each change. */
export function clusterProblems(snapshot: Snapshot): readonly Problem[] {
  const index = indexOf(snapshot);
  return problemsOf(clusterFindingsOf(index), (object) => newestOf(index.objects, object));
}

/** The problems that `buildSnapshot` would find in these objects. Shares with `previous` and changes nothing of it. */
export function problemsWith(objects: readonly MeshObject[], previous?: Snapshot): readonly Problem[] {
  const parts = buildParts(objects, previous && indexOf(previous));
  return problemsOf(findingsOf(parts), (object) => newestOf(parts.objects, object));
}

/** While nothing changes that scopes are made of, neither do they: then even their pool stays. */
function scopeSourceOf(
  { objects, sight, registry, virtualServices }: SnapshotParts,
  old: ScopeSource | undefined,
): ScopeSource {
  const { services } = registry;
  const next = { sight, services, virtualServices: virtualServices.all, sidecars: ofKind(objects, "Sidecar") };
  if (old && sameItems(Object.values({ ...old, ...next }), Object.values(old))) return old;
  return Object.freeze({ ...next, scopes: nextPool(old?.scopes) });
}

function inboundSourceOf(
  { peerAuthentications, objects, registry: { services }, sight: { settings } }: SnapshotParts,
  old: InboundSource | undefined,
): InboundSource {
  const [sidecars, rateLimits] = [ofKind(objects, "Sidecar"), ofKind(objects, "RateLimit")];
  const next = { peerAuthentications, settings, services, sidecars, rateLimits };
  if (old && sameItems(Object.values({ ...old, ...next }), Object.values(old))) return old;
  return Object.freeze({ ...next, inbounds: nextPool(old?.inbounds) });
}

function buildParts(given: readonly MeshObject[], old: SnapshotParts | undefined): SnapshotParts {
  const objects = buildObjectIndex(given, old?.objects);
  const settings = keepContent(
    old?.sight.settings,
    settingsFrom(ofKind(objects, "MeshConfig")[0], ofKind(objects, "Service")),
    "object",
  );
  const workloads = buildWorkloads(objects, settings, old?.workloads);
  const registry = buildRegistry(objects, settings, old?.registry);
  const endpoints = buildEndpoints({ objects, settings, registry, workloads }, old?.endpoints);
  const rules = buildRules(objects, settings, old?.rules);
  const virtualServices = buildVirtualServices(objects, settings, old?.virtualServices);
  const peerAuthentications = buildPeerAuthentications(objects, settings, old?.peerAuthentications);
  const sameEndpoints = old?.endpoints.byService === endpoints.byService;
  const served = sameEndpoints ? old.served : buildServed(endpoints.byService, old?.served);
  const peers = sameEndpoints
    ? old.sight.peers
    : buildPeers(endpoints.byService, old?.sight.peers, old?.endpoints.byService);
  const sight = keepFields<Sight>(old?.sight, { settings, rules, modes: peerAuthentications.modes, peers });
  return { objects, workloads, registry, endpoints, served, rules, virtualServices, peerAuthentications, sight };
}

function snapshotOf({ objects, sight, registry, endpoints, workloads }: SnapshotParts): Snapshot {
  return {
    settings: sight.settings,
    services: registry.services,
    endpoints: endpoints.byService,
    workloads: workloads.byName,
    virtualServices: ofKind(objects, "VirtualService"),
    destinationRules: ofKind(objects, "DestinationRule"),
    peerAuthentications: ofKind(objects, "PeerAuthentication"),
    rateLimits: ofKind(objects, "RateLimit"),
    sidecars: ofKind(objects, "Sidecar"),
    envoyFilters: ofKind(objects, "EnvoyFilter"),
    gateways: ofKind(objects, "Gateway"),
    secrets: ofKind(objects, "Secret"),
    namespaces: ofKind(objects, "Namespace"),
  };
}

/** `previous` when each of its fields holds the very same value. */
function keepFields<T extends object>(previous: T | undefined, next: T): T {
  return previous && sameItems(Object.values(previous), Object.values(next)) ? previous : Object.freeze(next);
}
