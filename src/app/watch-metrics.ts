import { Gauge, type Registry } from "prom-client";
import type { WatchState } from "../source/index.ts";

/** How the watches of the Kubernetes API are doing: alarms are `heddle_watch_state{state="frozen"} == 1`, and an old contact. */
export function createWatchMetrics(registry: Registry, source: { watches(): readonly WatchState[] }): void {
  const registers = [registry];
  new Gauge({
    name: "heddle_watch_state",
    help: "1 for the state of the watch of a kind: waiting, synced, stale (server away), frozen (refused), absent (not served)",
    labelNames: ["kind", "state"],
    registers,
    collect() {
      this.reset();
      for (const { kind, state } of source.watches()) this.set({ kind, state }, 1);
    },
  });
  new Gauge({
    name: "heddle_watch_objects",
    help: "objects held of a kind, broken ones too",
    labelNames: ["kind"],
    registers,
    collect() {
      for (const { kind, objects } of source.watches()) this.set({ kind }, objects);
    },
  });
  new Gauge({
    name: "heddle_watch_contact_timestamp_seconds",
    help: "when the API server last said something about a kind; 0: never",
    labelNames: ["kind"],
    registers,
    collect() {
      for (const { kind, contactAt } of source.watches()) this.set({ kind }, contactAt / 1000);
    },
  });
}
