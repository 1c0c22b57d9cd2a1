import type { XdsType } from "../envoy/index.ts";

/**
 * Make before break: what is referred to goes first, and each type waits until those before it are acknowledged; but endpoints follow
 * their clusters at once.
 * https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#eventual-consistency-considerations
 */
export const pushOrder = [
  "cds", // clusters, before anything that sends traffic to them
  "eds", // their endpoints: a cluster takes no traffic until it has heard of them
  "lds", // listeners, which may name clusters
  "rds", // routes, which listeners name and which name clusters
  "vhds", // virtual hosts, which belong to routes
] as const satisfies readonly XdsType[];

/** Removed only when nothing that is sent later in the order refers to them any more. */
export const removedLast: readonly XdsType[] = ["cds", "eds"];

/** Those that may refer to a cluster: while a client refuses one of them, it lives on older ones, which need older clusters. */
export const referrers = ["lds", "rds", "vhds"] as const satisfies readonly XdsType[];

/** State of the world says all there is of these types in each response; of the others, only what changed. */
export const fullTypes: readonly XdsType[] = ["cds", "lds"];
