import type { WorkloadEntrySpec as Written } from "../../../generated/istio/workload-entry.ts";

/** How a workload is, where somebody looks after it: `healthy` is there then, and `unwell` where it is known what is wrong. */
export interface WorkloadHealth {
  readonly healthy?: boolean;
  readonly unwell?: string;
}

/** A WorkloadEntry, and how the workload is. */
export type WorkloadEntrySpec = Written & WorkloadHealth;
