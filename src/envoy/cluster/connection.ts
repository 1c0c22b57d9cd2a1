import type { Cluster } from "../../../generated/envoy/config/cluster/v3/cluster.ts";
import type { MeshSettings } from "../../mesh/index.ts";
import { durationFrom } from "../duration.ts";
import { buildCircuitBreakers } from "./circuit-breaker.ts";
import { buildConnectionOptions } from "./keepalive.ts";
import type { Policy } from "./policy.ts";

/** What any cluster takes from a connection pool, whether the upstream is a service or the workload's own app. */
export function buildConnection(policy: Policy, settings: MeshSettings): Partial<Cluster> {
  const pool = policy.connectionPool;
  const options = buildConnectionOptions(pool, settings);
  return {
    connectTimeout: durationFrom(pool?.tcp?.connectTimeout ?? settings.connectTimeout),
    circuitBreakers: buildCircuitBreakers(policy),
    ...(options && { upstreamConnectionOptions: options }),
  };
}
