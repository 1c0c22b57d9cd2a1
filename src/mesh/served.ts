import { memo, memo2 } from "../lib/index.ts";
import { groupBy, regroup, type Grouping } from "./sharing.ts";
import type { Endpoint, EndpointSet, Proxy, Service } from "./types.ts";

/** An endpoint of a service. */
export interface Hit {
  readonly service: Service;
  readonly endpoint: Endpoint;
}

type Served = readonly [Service, EndpointSet];
type Bucket = readonly Served[];

/** Which services are served on an address. In buckets, so that a change of one service's endpoints leaves the rest indexed. */
export interface ServedIndex {
  readonly pairs: ReadonlyMap<Service, Served>;
  readonly buckets: Grouping<string, Served>;
  readonly byNamespace: ReadonlyMap<string, readonly Bucket[]>;
}

const bucketsPerNamespace = 32;

/** The same object while no endpoint changes, if `endpoints` is. */
export function buildServed(endpoints: ReadonlyMap<Service, EndpointSet>, previous?: ServedIndex): ServedIndex {
  const pairs = new Map<Service, Served>();
  for (const [service, set] of endpoints) {
    const old = previous?.pairs.get(service);
    pairs.set(service, old?.[1] === set ? old : Object.freeze([service, set] as const));
  }
  const buckets = regroup([...pairs.values()], ([service]) => bucketName(service), previous?.buckets);
  if (buckets.groups === previous?.buckets.groups) return previous;
  const byNamespace = groupBy(
    buckets.groups.values(),
    (bucket) => bucket[0]?.[0].namespace ?? "",
    previous?.byNamespace,
  );
  return { pairs, buckets, byNamespace };
}

const nothing: readonly Hit[] = Object.freeze([]);

/**
 * The endpoints that a proxy is, of services of its own namespace: nobody else can put a port on it. The same array while
 * none of the services in its bucket changes.
 */
export function hitsOf(index: ServedIndex, proxy: Pick<Proxy, "namespace" | "addresses">): readonly Hit[] {
  const buckets = index.byNamespace.get(proxy.namespace);
  return buckets ? hitsIn(buckets, proxy) : nothing;
}

const hitsIn = memo2((buckets: readonly Bucket[], { addresses }: Pick<Proxy, "addresses">): readonly Hit[] => {
  const found = addresses.map((address) => byAddressIn(buckets).get(address)).filter((hits) => hits !== undefined);
  const [first = nothing] = found;
  return found.length < 2 ? first : found.flat();
});

/** Of all buckets of a namespace; a list of hits is its bucket's own where no other bucket has the address. */
const byAddressIn = memo((buckets: readonly Bucket[]): ReadonlyMap<string, readonly Hit[]> => {
  const hits = new Map<string, readonly Hit[]>();
  for (const bucket of buckets) {
    for (const [address, list] of byAddress(bucket)) {
      const others = hits.get(address);
      hits.set(address, others ? [...others, ...list] : list);
    }
  }
  return hits;
});

/** Any spread will do that depends on the hostname alone. */
const bucketName = memo(({ namespace, hostname }: Service): string => {
  let sum = 0;
  for (let i = 0; i < hostname.length; i++) sum = (sum * 31 + hostname.charCodeAt(i)) % 0xffff;
  return `${namespace}/${sum % bucketsPerNamespace}`;
});

const byAddress = memo((bucket: Bucket): ReadonlyMap<string, readonly Hit[]> => {
  const hits = new Map<string, Hit[]>();
  for (const [service, { endpoints }] of bucket) {
    for (const endpoint of endpoints) {
      const list = hits.get(endpoint.address);
      if (list) list.push({ service, endpoint });
      else hits.set(endpoint.address, [{ service, endpoint }]);
    }
  }
  return hits;
});
