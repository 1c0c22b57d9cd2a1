import type { WorkloadEntrySpec as Written } from "../../../generated/istio/workload-entry.ts";

/** A WorkloadEntry, and how the workload is: `healthy` is there where somebody looks after it. */
export type WorkloadEntrySpec = Written & { readonly healthy?: boolean };
