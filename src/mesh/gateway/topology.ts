import { memo, memoNamed } from "../../lib/index.ts";
import { parseGatewayTopology, type GatewayTopology } from "../../model/index.ts";
import type { Workload } from "../snapshot-types.ts";
import type { MeshSettings } from "../types.ts";

/**
 * What stands before a gateway, field by field: by its pod's annotation, else by MeshConfig; undefined where nobody says. Gateways of which the same is
 * said have the same object.
 */
export function topologyFor({ config }: MeshSettings, workload: Workload | undefined): GatewayTopology | undefined {
  const own = workload && ownTopology(workload.object.metadata.annotations);
  if (!own && !config.defaultConfig?.gatewayTopology) return undefined;
  return merged(config, JSON.stringify(own ?? {}));
}

const ownTopology = memo((annotations: Readonly<Record<string, string>>) => parseGatewayTopology(annotations));

const merged = memoNamed((config: MeshSettings["config"], own: string): GatewayTopology =>
  Object.freeze({ ...config.defaultConfig?.gatewayTopology, ...(JSON.parse(own) as GatewayTopology) }),
);
