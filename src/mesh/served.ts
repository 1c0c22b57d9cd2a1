import { changedKeys, memo, memo2, patchMap } from "../lib/index.ts";
import { groupBy } from "./sharing.ts";
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
  readonly endpoints: ReadonlyMap<Service, EndpointSet>;
  readonly pairs: ReadonlyMap<Service, Served>;
  readonly buckets: ReadonlyMap<string, Bucket>;
  readonly byNamespace: ReadonlyMap<string, readonly Bucket[]>;
}

const bucketsPerNamespace = 32;

/** The same object while no endpoint changes, if `endpoints` is. */
export function buildServed(endpoints: ReadonlyMap<Service, EndpointSet>, previous?: ServedIndex): ServedIndex {
  const { pairs, buckets } = (previous && withChanged(previous, endpoints)) ?? anew(endpoints, previous);
  if (buckets === previous?.buckets) return previous;
  const byNamespace = groupBy(buckets.values(), (bucket) => bucket[0]?.[0].namespace ?? "", previous?.byNamespace);
  return { endpoints, pairs, buckets, byNamespace };
}

type Buckets = Pick<ServedIndex, "pairs" | "buckets">;

function anew(endpoints: ReadonlyMap<Service, EndpointSet>, previous: ServedIndex | undefined): Buckets {
  const pairs = new Map<Service, Served>();
  for (const [service, set] of endpoints) pairs.set(service, pairOf(service, set, previous?.pairs.get(service)));
  return { pairs, buckets: groupBy(pairs.values(), ([service]) => bucketName(service), previous?.buckets) };
}

/** As before but for the services whose endpoints have changed; undefined where services came or went. */
function withChanged(previous: ServedIndex, endpoints: ReadonlyMap<Service, EndpointSet>): Buckets | undefined {
  const changed = changedKeys(previous.endpoints, endpoints);
  if (!changed) return undefined;
  const fresh = new Map<Service, Served>();
  for (const service of changed) {
    const set = endpoints.get(service);
    if (set) fresh.set(service, pairOf(service, set, previous.pairs.get(service)));
  }
  const names = [...new Set(changed.map(bucketName))];
  const renewed = (name: string): Bucket =>
    Object.freeze((previous.buckets.get(name) ?? []).map((pair) => fresh.get(pair[0]) ?? pair));
  const buckets = patchMap(
    previous.buckets,
    names.map((name) => [name, renewed(name)] as const),
  );
  return { pairs: patchMap(previous.pairs, fresh), buckets };
}

function pairOf(service: Service, set: EndpointSet, old: Served | undefined): Served {
  return old?.[1] === set ? old : Object.freeze([service, set] as const);
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
