import { parseDuration } from "../model/index.ts";

/** How one workload's proxy is run, as far as anybody says it. */
export interface ProxyRun {
  readonly concurrency?: number; // 0: as many threads as there are CPUs
  readonly imageType?: string;
  /** How long connections may go on that a change or the proxy's end has made old: Istio's drainDuration. */
  readonly drainSeconds?: number;
  /** How long a proxy goes on when it is told to end: Istio's terminationDrainDuration. */
  readonly terminationDrainSeconds?: number;
  readonly holdApplication?: boolean; // until the proxy serves
  readonly environment: Readonly<Record<string, string>>;
  /** Envoy's own switches: https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/operations/runtime */
  readonly runtime?: Readonly<Record<string, string>>;
}

/** Nothing said. */
export const usualRun: ProxyRun = Object.freeze({ environment: Object.freeze({}) });

/** The later of two goes before the earlier; variables and switches are merged one by one. */
export function mergeRuns(earlier: ProxyRun, later: Partial<ProxyRun>): ProxyRun {
  const runtime = { ...earlier.runtime, ...later.runtime };
  return {
    ...earlier,
    ...later,
    environment: { ...earlier.environment, ...later.environment },
    ...(Object.keys(runtime).length > 0 && { runtime }),
  };
}

/** Whole seconds, rounded up, of a duration that has been checked: at most an hour. */
export function secondsOf(duration: string): number {
  return Math.max(0, Math.min(3600, Math.ceil((parseDuration(duration) ?? 0) / 1000)));
}
