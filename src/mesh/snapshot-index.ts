import type { RuleIndex } from "./destination-rule.ts";
import type { EndpointIndex } from "./endpoint.ts";
import type { InboundSource } from "./inbound.ts";
import type { ObjectIndex } from "./objects.ts";
import type { PeerAuthenticationIndex } from "./peer-authentication.ts";
import type { Pool } from "./pool.ts";
import type { Registry } from "./registry.ts";
import type { ScopeSource } from "./scope.ts";
import type { ServedIndex } from "./served.ts";
import type { Snapshot } from "./snapshot-types.ts";
import type { GatewayListener } from "./types.ts";
import type { VirtualServiceIndex } from "./virtual-service.ts";
import type { Sight } from "./visible-service.ts";
import type { WorkloadIndex } from "./workload.ts";

/** What a snapshot is made of, in the order in which the parts are built on one another. */
export interface SnapshotParts {
  readonly objects: ObjectIndex;
  readonly workloads: WorkloadIndex;
  readonly registry: Registry;
  readonly endpoints: EndpointIndex;
  readonly served: ServedIndex;
  readonly rules: RuleIndex;
  readonly virtualServices: VirtualServiceIndex;
  readonly peerAuthentications: PeerAuthenticationIndex;
  readonly sight: Sight;
}

/** What views of a snapshot and the building of the next one need. */
export interface SnapshotIndex extends SnapshotParts {
  readonly scopeSource: ScopeSource;
  readonly inboundSource: InboundSource;
  readonly gateways: Pool<readonly GatewayListener[]>;
}

const indexes = new WeakMap<Snapshot, SnapshotIndex>();

/** The index of a snapshot that buildSnapshot made. */
export function indexOf(snapshot: Snapshot): SnapshotIndex {
  const index = indexes.get(snapshot);
  if (!index) throw new Error("a Snapshot is made by buildSnapshot only");
  return index;
}

export function setIndex(snapshot: Snapshot, index: SnapshotIndex): void {
  indexes.set(snapshot, index);
}
