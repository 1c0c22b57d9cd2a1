/** @public For other sources. */
export { ObjectTable } from "./object-table.ts";
export { readDirectory, readTexts } from "./read.ts";
export { watchDirectory, type Source, type WatchOptions } from "./directory.ts";
export { applyDocuments, type Applied } from "./apply.ts";
export { openKubernetesSource, type KubernetesOptions, type KubernetesSource } from "./kubernetes/source.ts";
export type { WatchState } from "./kubernetes/watch-state.ts";
export type { LiveVerdict } from "./kubernetes/condition.ts";
export type { Versions } from "./kubernetes/versions.ts";
