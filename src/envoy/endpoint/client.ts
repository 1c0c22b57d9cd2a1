import type { Locality, Proxy } from "../../mesh/index.ts";
import { memo, memo2 } from "../../lib/index.ts";
import { familiesFor, type Families } from "../listener/families.ts";
import { memoTexts } from "./memo-texts.ts";

/** What endpoints may know of the proxy that asks: cut down to what a service's settings really mention, so that proxies share. */
export interface Client {
  readonly families?: Families;
  readonly locality?: Locality;
  readonly isGateway?: boolean;
  readonly network?: string;
  /** By name, for the names of the sight in its order; "" where the proxy has no such label. */
  readonly labels: ReadonlyMap<string, string>;
}

/** Which of these things matter to somebody. */
export interface Sight {
  readonly families: boolean;
  readonly locality: boolean;
  readonly isGateway: boolean;
  readonly network: boolean;
  readonly labels: readonly string[];
}

/** Nothing matters: all clients are the same. */
export const blind: Sight = Object.freeze({
  families: false,
  locality: false,
  isGateway: false,
  network: false,
  labels: Object.freeze([]),
});

/** What any of the sights needs. */
export function joinSights(sights: Iterable<Sight>): Sight {
  const seeing = [...sights].filter((sight) => sight !== blind);
  if (seeing.length === 0) return blind;
  return {
    families: seeing.some(({ families }) => families),
    locality: seeing.some(({ locality }) => locality),
    isGateway: seeing.some(({ isGateway }) => isGateway),
    network: seeing.some(({ network }) => network),
    labels: [...new Set(seeing.flatMap(({ labels }) => labels))],
  };
}

/** The asking proxy as far as `sight` goes, and nothing else of it: the same object for proxies between which it makes no difference. */
export function viewClient(proxy: Proxy, sight: Sight): Client {
  return clientOf(sight, proxy);
}

const clientOf = memo2((sight: Sight, proxy: Proxy): Client => {
  const client = {
    ...(sight.families && { families: familiesFor(proxy) }),
    ...(sight.locality && { locality: proxy.locality }),
    ...(sight.isGateway && { isGateway: proxy.type === "router" }),
    ...(sight.network && proxy.network !== undefined && { network: proxy.network }),
    labels: new Map(sight.labels.map((name) => [name, topologyLabel(proxy, name)])),
  };
  return interned(sight)(client);
});

const interned = memo((sight: Sight) => memoClient(sight, (client) => client));

/** A client cut to a narrower sight. */
function narrowClient({ families, locality, isGateway, network, labels }: Client, sight: Sight): Client {
  return {
    ...(sight.families && families && { families }),
    ...(sight.locality && locality && { locality }),
    ...(sight.isGateway && isGateway !== undefined && { isGateway }),
    ...(sight.network && network !== undefined && { network }),
    labels: new Map(sight.labels.map((name) => [name, labels.get(name) ?? ""])),
  };
}

/** A label of a workload; Kubernetes' and Istio's topology labels are where it runs, unless it carries them itself. */
export function topologyLabel(
  { labels, locality, node }: Pick<Proxy, "labels" | "locality" | "node">,
  name: string,
): string {
  const written = labels[name];
  if (written !== undefined) return written;
  switch (name) {
    case "topology.kubernetes.io/region":
      return locality.region;
    case "topology.kubernetes.io/zone":
      return locality.zone;
    case "topology.istio.io/subzone":
      return locality.subzone;
    case "kubernetes.io/hostname":
      return node ?? "";
    default:
      return "";
  }
}

/** `build` once for each distinct client, where all clients are cut to the one sight. */
export function memoClient<R>(sight: Sight, build: (client: Client) => R): (client: Client) => R {
  if (isBlind(sight)) {
    let only: { readonly value: R } | undefined;
    return () => (only ??= { value: build(nobody) }).value;
  }
  const byTexts = memoTexts(textsOf, build);
  return (client) => byTexts(narrowClient(client, sight));
}

/** What is left of any client where nothing of it matters. */
const nobody: Client = Object.freeze({ labels: new Map() });

function isBlind({ families, locality, isGateway, network, labels }: Sight): boolean {
  return !families && !locality && !isGateway && !network && labels.length === 0;
}

/** All that a client says. */
function textsOf({ families, locality, isGateway = false, network = "", labels }: Client): string[] {
  const place = locality ? [locality.region, locality.zone, locality.subzone] : [];
  const versions = families?.wildcards.length === 2 ? "dual" : (families?.wildcards[0] ?? "");
  return [versions, isGateway ? "gateway" : "", network, ...place, ...labels.values()];
}
