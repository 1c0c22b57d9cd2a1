import { memo } from "../lib/index.ts";
import { isIp, type MeshObject } from "../model/index.ts";
import type { Labels } from "./labels.ts";
import type { MeshSettings } from "./types.ts";

/** Where a workload's, and of the root namespace a mesh's, network is told: https://istio.io/latest/docs/reference/config/labels/ */
const label = "topology.istio.io/network";

/** One way into a network: TLS of the mesh is passed on there by its SNI. */
export interface NetworkGateway {
  readonly address: string; // IP
  readonly port: number;
}

/** The network of a workload; undefined: nobody says, it is in everybody's. */
export function networkOf(labels: Labels, written = "", otherwise = ""): string | undefined {
  return written || labels[label] || otherwise || undefined;
}

/** The network of pods that do not say theirs; "" for none. */
export function homeNetwork(namespaces: readonly MeshObject<"Namespace">[], { rootNamespace }: MeshSettings): string {
  return namespaces.find(({ metadata }) => metadata.name === rootNamespace)?.metadata.labels[label] ?? "";
}

/**
 * The gateways of each network that has some: its workloads are called through them from other networks. Those of a network without gateways are
 * called directly, as on Istio. https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#Network
 */
export function networkGateways({ config }: MeshSettings): ReadonlyMap<string, readonly NetworkGateway[]> {
  return config.meshNetworks ? gatewaysOf(config.meshNetworks) : none;
}

const none: ReadonlyMap<string, readonly NetworkGateway[]> = new Map();

type Networks = NonNullable<MeshSettings["config"]["meshNetworks"]>;

const gatewaysOf = memo(({ networks = {} }: Networks): ReadonlyMap<string, readonly NetworkGateway[]> => {
  const all = Object.entries(networks).map(([name, { gateways = [] }]) => {
    const ways = gateways.flatMap(({ address, port }) => (address && isIp(address) ? [{ address, port }] : []));
    return [name, ways] as const;
  });
  return new Map(all.filter(([, ways]) => ways.length > 0));
});
