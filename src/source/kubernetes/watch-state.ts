import type { Informer, WatchStatus } from "./informer.ts";
import type { ObjectSink } from "./object-sink.ts";

/** How the watch of one kind is doing: for metrics and status. */
export interface WatchState {
  readonly kind: string;
  readonly state: WatchStatus;
  /** Objects that we hold, broken ones too. */
  readonly objects: number;
  /** When the API server last said something about it, in milliseconds since the epoch; 0: never. */
  readonly contactAt: number;
  /** Why it is not synced. */
  readonly message?: string;
}

/** The watch of one kind, or of one Secret. */
export interface Watched {
  readonly kind: string;
  readonly informer: Informer;
  readonly sink: ObjectSink;
}

/** The worst of several comes first. */
const byConcern: readonly WatchStatus[] = ["frozen", "stale", "waiting", "absent", "synced"];

/** The watches of one kind as one, in the worst state of any; undefined if there is none. */
export function watchState(watches: readonly Watched[]): WatchState | undefined {
  const worst = byConcern.flatMap((status) => watches.find(({ informer }) => informer.status === status) ?? [])[0];
  if (!worst) return undefined;
  const { status, message } = worst.informer;
  return {
    kind: worst.kind,
    state: status,
    objects: watches.reduce((sum, { sink }) => sum + sink.size, 0),
    contactAt: Math.min(...watches.map(({ informer }) => informer.contactAt)),
    ...(message !== undefined && { message }),
  };
}
