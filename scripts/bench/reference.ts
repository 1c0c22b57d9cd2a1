/** Figures of another control plane for the same meshes: a bar to be held against, not a measurement of this run. */
export interface Reference {
  readonly maxMs: number;
  readonly cpuSeconds: number;
  readonly rssMiB?: number;
}

/**
 * istiod (master of August 2026), 1,000 services, all visible to all, delta, on 2 cores with other work beside it; measured with
 * the same load tool, whose README has these figures. By `proxies scenario`.
 */
export const istiod: Readonly<Record<string, Reference>> = {
  "100 storm": { maxMs: 13_300, cpuSeconds: 17.7, rssMiB: 592 },
  "100 weight": { maxMs: 3_649, cpuSeconds: 4.6 },
  "100 endpoint": { maxMs: 1_844, cpuSeconds: 1.9 },
  "500 storm": { maxMs: 65_000, cpuSeconds: 100, rssMiB: 2_133 },
  "500 weight": { maxMs: 10_131, cpuSeconds: 14 },
  "500 endpoint": { maxMs: 2_105, cpuSeconds: 2.4 },
};
