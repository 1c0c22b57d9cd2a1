import { memo, memo2, memoNamed } from "../../lib/index.ts";
import { isWildcard, type MeshSettings, type Scope, type Service, type ServiceAlias } from "../../mesh/index.ts";

interface Domains {
  readonly near: readonly string[]; // as callers of the service's own namespace say it
  readonly far: readonly string[];
  readonly namespace: string; // "" where no name is short
}

/**
 * What callers of a scope may write in `Host`, ports aside: the hostname, with and without a dot at its end, the short forms
 * of a Kubernetes name, and the addresses. A headless service also answers for each of its pods, and a service to the aliases that it has.
 * https://istio.io/latest/docs/ops/configuration/traffic-management/traffic-routing/
 */
export function domainsFor(
  service: Service,
  { settings, namespace }: Pick<Scope, "settings" | "namespace">,
): readonly string[] {
  const domains = domainsOf(settings, service);
  const own = domains.namespace === namespace ? domains.near : domains.far;
  return service.aliases ? withAliases(settings, service)(namespace, own) : own;
}

/** The namespaces whose callers have shorter names for a service. */
export function shortNamespacesOf(service: Service, settings: MeshSettings): readonly string[] {
  const { namespace } = domainsOf(settings, service);
  return service.aliases ? [namespace, ...service.aliases.map((alias) => alias.namespace)] : [namespace];
}

/** Most services have none; of those that have, callers to whom the names are the same get the same list. */
const withAliases = memo2((settings: MeshSettings, { aliases = [] }: Service) => {
  const lists = new Map<string, readonly string[]>();
  return (caller: string, own: readonly string[]): readonly string[] => {
    const all = [...own, ...aliases.flatMap((one) => namesFor(one, settings, caller))];
    const key = all.join(" ");
    const list = lists.get(key) ?? Object.freeze(all);
    lists.set(key, list);
    return list;
  };
});

function namesFor({ hostname, namespace }: ServiceAlias, { domain }: MeshSettings, caller: string): string[] {
  const [name = ""] = kubernetesName(hostname, domain);
  const short = [...(namespace === caller ? [name] : []), `${name}.${namespace}`, `${name}.${namespace}.svc`];
  return [hostname, `${hostname}.`, ...short];
}

const domainsOf = memo2((settings: MeshSettings, service: Service): Domains => {
  const { hostname } = service;
  const [name = "", namespace = "", ...rest] = kubernetesName(hostname, settings.domain);
  const full = isWildcard(hostname) ? [hostname] : [hostname, `${hostname}.`];
  const isShort = rest.length === 0 && namespace !== "" && name !== "*";
  const far = isShort ? [`${name}.${namespace}`, `${name}.${namespace}.svc`] : [];
  const withPods = service.registry === "Kubernetes" && service.headless;
  const complete = (short: readonly string[]): readonly string[] => {
    const names = [...full, ...short];
    const pods = withPods ? names.map((domain) => `*.${domain}`) : [];
    return Object.freeze([...names, ...pods, ...service.addresses.flatMap(addressDomain)]);
  };
  return { near: complete(isShort ? [name, ...far] : []), far: complete(far), namespace: isShort ? namespace : "" };
});

/** `reviews.default.svc.cluster.local` -> [reviews, default]; [] for any other name. */
function kubernetesName(hostname: string, domain: string): string[] {
  const suffix = `.svc.${domain}`;
  return hostname.endsWith(suffix) ? hostname.slice(0, -suffix.length).split(".") : [];
}

/** An address as `Host` has it; a range is none. */
function addressDomain(address: string): string[] {
  const [ip = "", bits] = address.split("/");
  const single = bits === undefined || bits === (ip.includes(":") ? "128" : "32");
  if (!single || ip === "0.0.0.0" || ip === "::") return [];
  return [ip.includes(":") ? `[${ip}]` : ip];
}

const emptyList = memo((_of: object): readonly string[] => Object.freeze([]));
const append = memoNamed((list: readonly string[], domain: string): readonly string[] =>
  Object.freeze([...list, domain]),
);

/** One domain as a list that belongs to `owner`: the same list every time. */
export function singleDomain(owner: object, domain: string): readonly string[] {
  return append(emptyList(owner), domain);
}

/** A list without some domains (in lower case): the same list for the same outcome. */
export function without(domains: readonly string[], taken: ReadonlySet<string>): readonly string[] {
  return part(
    domains,
    domains.filter((domain) => !taken.has(domain.toLowerCase())),
  );
}

function part(domains: readonly string[], kept: readonly string[]): readonly string[] {
  return kept.reduce(append, emptyList(domains));
}

/**
 * Hands each domain of a route configuration to the first virtual host that asks: Envoy refuses all of them if two have the same.
 * `*` belongs to the catch-all.
 */
export class DomainClaims {
  readonly #taken = new Set(["*"]);

  /** The domains that were still free, which are now taken; the same list for the same outcome. */
  claim(domains: readonly string[], mayTake: (domain: string) => boolean = () => true): readonly string[] {
    const free = domains.filter((domain) => {
      const key = domain.toLowerCase();
      if (this.#taken.has(key) || !mayTake(domain)) return false;
      this.#taken.add(key);
      return true;
    });
    return free.length === domains.length ? domains : part(domains, free);
  }
}
