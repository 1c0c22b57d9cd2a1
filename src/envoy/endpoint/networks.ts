import { memo } from "../../lib/index.ts";
import {
  networkGateways,
  type Endpoint,
  type EndpointSet,
  type MeshSettings,
  type NetworkGateway,
} from "../../mesh/index.ts";

/** Whether what a client is given of a set depends on its network: some endpoints are called through gateways, or left out. */
export function crossesNetworks(set: EndpointSet, settings: MeshSettings, reach: Reach): boolean {
  const gateways = networkGateways(settings);
  return gateways.size > 0 && networksOf(set).some((network) => reach === "near" || gateways.has(network));
}

const networksOf = memo(({ endpoints }: EndpointSet): readonly string[] => [
  ...new Set(endpoints.flatMap(({ network }) => network ?? [])),
]);

/** How a cluster's connections to other networks are. */
interface Crossing {
  readonly settings: MeshSettings;
  readonly port: string; // its name
  readonly isMeshTls: (endpoint: Endpoint) => boolean;
  /** `near`: not at all, as it is a way into its own network itself. */
  readonly reach: Reach;
}

/** How far a client calls: all networks, or its own alone. */
export type Reach = "all" | "near";

/**
 * The endpoints as a client of a network reaches them: those of other networks that have gateways are these gateways, with the weights of what is
 * behind them; the mesh's TLS goes through, and its SNI says where to. What does not speak that is out of reach.
 * https://istio.io/latest/docs/ops/deployment/deployment-models/#multiple-networks
 */
export function endpointsReached(
  endpoints: readonly Endpoint[],
  own: string | undefined,
  { settings, port, isMeshTls, reach }: Crossing,
): readonly Endpoint[] {
  const isNear = ({ network }: Endpoint): boolean => own === undefined || network === undefined || network === own;
  if (reach === "near") return endpoints.filter(isNear);
  const gateways = networkGateways(settings);
  const waysTo = (endpoint: Endpoint): readonly NetworkGateway[] =>
    isNear(endpoint) ? [] : (gateways.get(endpoint.network ?? "") ?? []);
  const far = endpoints.filter((endpoint) => waysTo(endpoint).length > 0);
  if (far.length === 0) return endpoints;
  const near = endpoints.filter((endpoint) => waysTo(endpoint).length === 0);
  // Weights are whole numbers: all are multiplied by one that each network's gateways can share it evenly.
  const scale = [...new Set(far.map((endpoint) => waysTo(endpoint).length))].reduce(leastCommonMultiple, 1);
  const through = new Map<string, Endpoint>();
  for (const endpoint of far.filter(isMeshTls))
    for (const way of waysTo(endpoint)) {
      const weight = (Math.max(1, endpoint.weight) * scale) / waysTo(endpoint).length;
      const key = `${way.address} ${way.port} ${JSON.stringify(endpoint.locality)}`;
      through.set(key, gatewayEndpoint(way, port, endpoint, weight + (through.get(key)?.weight ?? 0)));
    }
  return [
    ...near.map((endpoint) => ({ ...endpoint, weight: Math.max(1, endpoint.weight) * scale })),
    ...through.values(),
  ];
}

function gatewayEndpoint(way: NetworkGateway, port: string, { locality, network }: Endpoint, weight: number): Endpoint {
  return {
    address: way.address,
    ports: { [port]: way.port },
    labels: {},
    serviceAccount: "",
    namespace: "",
    workload: "",
    locality,
    ...(network !== undefined && { network }),
    weight,
    healthy: true,
    meshMtls: true,
  };
}

function leastCommonMultiple(a: number, b: number): number {
  const divisor = (x: number, y: number): number => (y === 0 ? x : divisor(y, x % y));
  return (a / divisor(a, b)) * b;
}
