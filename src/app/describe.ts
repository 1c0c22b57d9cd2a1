import { buildResources, checkResources, credentialSecrets } from "../envoy/index.ts";
import { memo } from "../lib/index.ts";
import {
  resolveProxy,
  unservedServers,
  unwellWorkload,
  usesClientCredentials,
  viewFor,
  type ProxyClaim,
  type Snapshot,
} from "../mesh/index.ts";
import type { Claim, Describe, DescribeCredentials, DescribeLack, Resolve } from "../xds/index.ts";

/** Makes what one proxy is served. What does not hold together is never published: the proxy keeps its last configuration. */
export const describeProxy: Describe = (snapshot, proxy, style) => {
  const resources = buildResources(viewFor(snapshot, proxy), style);
  const [fault] = checkResources(resources);
  if (fault !== undefined) throw new Error(`resources that do not hold together: ${fault}`);
  return resources;
};

/**
 * The credentials of a gateway's servers, of Sidecars' listeners and of DestinationRules, which go to the proxy's own stream only; most
 * proxies have none.
 */
export const describeCredentials: DescribeCredentials = (snapshot, proxy) =>
  proxy.type === "router" || usesClientCredentials(snapshot.destinationRules) || haveTls(snapshot.sidecars)
    ? credentialSecrets(viewFor(snapshot, proxy))
    : none;

const haveTls = memo((sidecars: Snapshot["sidecars"]): boolean =>
  sidecars.some(({ spec }) => spec.ingress?.some(({ tls }) => tls !== undefined)),
);

/** What a gateway does not serve, and why a workload gets no requests. */
export const describeLack: DescribeLack = (snapshot, proxy) => [
  ...unservedServers(snapshot, proxy),
  ...unwellWorkload(snapshot, proxy),
];

const none: ReturnType<DescribeCredentials> = new Map();

/** Says who a verified caller is in the mesh. It is asked again for each snapshot; the claim stays the same object. */
export const resolveClaim: Resolve = (snapshot, claim) => resolveProxy(snapshot, meshClaim(claim));

const meshClaim = memo(({ identity, node }: Claim): ProxyClaim => ({
  identity,
  node: { id: node.id, metadata: node.metadata ?? {}, ...localityOf(node.locality) },
}));

function localityOf(locality: { region: string; zone: string; subZone: string } | undefined): object {
  if (!locality) return {};
  return { locality: { region: locality.region, zone: locality.zone, subzone: locality.subZone } };
}
