import { memo } from "../lib/index.ts";
import { isIp, networkLabel as label, type MeshObject } from "../model/index.ts";
import type { Labels } from "./labels.ts";
import type { MeshSettings } from "./types.ts";

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
export function networkGateways(settings: MeshSettings): ReadonlyMap<string, readonly NetworkGateway[]> {
  return settings.config.meshNetworks || settings.networkGateways ? gatewaysOf(settings) : none;
}

const none: ReadonlyMap<string, readonly NetworkGateway[]> = new Map();

const gatewaysOf = memo(
  ({ config, networkGateways = [] }: MeshSettings): ReadonlyMap<string, readonly NetworkGateway[]> => {
    const written = Object.entries(config.meshNetworks?.networks ?? {}).flatMap(([network, { gateways = [] }]) =>
      gateways.flatMap(({ address, port }) => (address && isIp(address) ? [{ network, address, port }] : [])),
    );
    const ways = Map.groupBy([...written, ...networkGateways], ({ network }) => network);
    return new Map([...ways].map(([name, list]) => [name, distinct(list)]));
  },
);

function distinct(list: readonly NetworkGateway[]): readonly NetworkGateway[] {
  const ways = list.map(({ address, port }) => [`${address} ${port}`, { address, port }] as const);
  return [...new Map(ways).values()];
}

/** Where Istio's east-west gateways listen. */
const usualPort = 15_443;

/**
 * The gateways that Services lead to: those with a network's label, at their external addresses, on port 15443 or that of label
 * `networking.istio.io/gatewayPort`. https://istio.io/latest/docs/setup/install/multicluster/multi-primary_multi-network/
 */
export const serviceGateways = memo(
  (services: readonly MeshObject<"Service">[]): readonly (NetworkGateway & { readonly network: string })[] =>
    services.flatMap(({ metadata: { labels }, spec: { externalAddresses = [] } }) => {
      const network = labels[label];
      const port = Number(labels["networking.istio.io/gatewayPort"] ?? usualPort);
      if (!network || !Number.isInteger(port) || port < 1 || port > 65_535) return [];
      return externalAddresses.map((address) => ({ network, address, port }));
    }),
);
