/** Ports on which each sidecar listens for itself, on every address: the ways in and out, metrics, readiness, DNS, statistics. */
export const sidecarPorts: ReadonlySet<number> = new Set([15_001, 15_006, 15_020, 15_021, 15_053, 15_090]);
