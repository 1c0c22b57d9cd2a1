import type { Problem } from "../lib/index.ts";
import type { MeshObject } from "../model/index.ts";
import { buildRules, type RuleIndex } from "./destination-rule.ts";
import { buildEndpoints, type EndpointIndex } from "./endpoint.ts";
import { buildObjectIndex, ofKind, type ObjectIndex } from "./objects.ts";
import { buildPeerAuthentications, type PeerAuthenticationIndex } from "./peer-authentication.ts";
import { nextPool, type Pool } from "./pool.ts";
import { buildRegistry, type Registry } from "./registry.ts";
import { settingsFrom } from "./settings.ts";
import { keepContent, sameItems } from "./sharing.ts";
import type { Inbound, Scope, Snapshot } from "./types.ts";
import { buildVirtualServices, type VirtualServiceIndex } from "./virtual-service.ts";
import { buildPeers, type Sight } from "./visible-service.ts";
import { buildWorkloads, type WorkloadIndex } from "./workload.ts";

/** What a snapshot was made of, for views of it and for building the next one. */
export interface SnapshotIndex {
  readonly objects: ObjectIndex;
  readonly workloads: WorkloadIndex;
  readonly registry: Registry;
  readonly endpoints: EndpointIndex;
  readonly rules: RuleIndex;
  readonly virtualServices: VirtualServiceIndex;
  readonly peerAuthentications: PeerAuthenticationIndex;
  readonly sight: Sight;
  readonly scopes: Pool<Scope>;
  readonly inbounds: Pool<Inbound>;
}

const indexes = new WeakMap<Snapshot, SnapshotIndex>();

/** The index of a snapshot that buildSnapshot made. */
export function indexOf(snapshot: Snapshot): SnapshotIndex {
  const index = indexes.get(snapshot);
  if (!index) throw new Error("a Snapshot is made by buildSnapshot only");
  return index;
}

/**
 * The whole mesh at one moment. Every part that says the same as in `previous` is the same JavaScript object, and so is the
 * snapshot itself when nothing has changed. The order of `objects` makes no difference.
 */
export function buildSnapshot(
  objects: readonly MeshObject[],
  previous?: Snapshot,
): { readonly snapshot: Snapshot; readonly problems: readonly Problem[] } {
  const old = previous && indexOf(previous);
  const index = buildObjectIndex(objects, old?.objects);
  const settings = keepContent(previous?.settings, settingsFrom(ofKind(index, "MeshConfig")[0]), "object");
  const workloads = buildWorkloads(index, old?.workloads);
  const registry = buildRegistry(index, settings, old?.registry);
  const endpoints = buildEndpoints({ objects: index, settings, registry, workloads }, old?.endpoints);
  const rules = buildRules(index, settings, old?.rules);
  const virtualServices = buildVirtualServices(index, settings, old?.virtualServices);
  const peerAuthentications = buildPeerAuthentications(index, settings, old?.peerAuthentications);
  const peers = buildPeers(endpoints.byService, old?.sight.peers);
  const sight = keepSight(old?.sight, { settings, rules, modes: peerAuthentications.modes, peers });
  const snapshot = keepSnapshot(previous, {
    settings,
    services: registry.services,
    endpoints: endpoints.byService,
    workloads: workloads.byName,
    virtualServices: ofKind(index, "VirtualService"),
    destinationRules: ofKind(index, "DestinationRule"),
    peerAuthentications: ofKind(index, "PeerAuthentication"),
    sidecars: ofKind(index, "Sidecar"),
    namespaces: ofKind(index, "Namespace"),
  });
  if (snapshot !== previous) {
    const [scopes, inbounds] = [nextPool(old?.scopes), nextPool(old?.inbounds)];
    const parts = { objects: index, workloads, registry, endpoints, rules, virtualServices, peerAuthentications };
    indexes.set(snapshot, { ...parts, sight, scopes, inbounds });
  }
  return { snapshot, problems: [] };
}

function keepSight(old: Sight | undefined, next: Sight): Sight {
  return old && sameItems(Object.values(old), Object.values(next)) ? old : Object.freeze(next);
}

function keepSnapshot(old: Snapshot | undefined, next: Snapshot): Snapshot {
  return old && sameItems(Object.values(old), Object.values(next)) ? old : Object.freeze(next);
}
