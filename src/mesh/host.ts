/** Hostnames: https://istio.io/latest/docs/reference/config/networking/virtual-service/#Destination */

export function isWildcard(host: string): boolean {
  return host.startsWith("*");
}

/**
 * A short name gets the namespace and the domain of the object that says it (`reviews` -> `reviews.default.svc.cluster.local`);
 * a name with a dot, an address and `*` stay as they are. In lower case.
 */
export function resolveShortName(host: string, namespace: string, domain: string): string {
  const name = host.toLowerCase();
  if (name === "" || name === "*" || name.includes(".") || name.includes(":")) return name;
  return `${name}.${namespace}.svc.${domain}`;
}

/** Whether two hosts can mean the same name, whichever of them is the wildcard (Istio's Name.Matches). */
export function hostMatches(pattern: string, host: string): boolean {
  return isSubsetOf(host, pattern) || isSubsetOf(pattern, host);
}

/** Whether every name that `host` stands for is one that `pattern` stands for (Istio's Name.SubsetOf). */
export function isSubsetOf(host: string, pattern: string): boolean {
  if (host === pattern) return true;
  if (!isWildcard(pattern)) return false;
  return (isWildcard(host) ? host.slice(1) : host).endsWith(pattern.slice(1));
}

/** Most specific first: exact names, then the longer wildcard, then by name. */
export function bySpecificity(a: string, b: string): number {
  const wild = Number(isWildcard(a)) - Number(isWildcard(b));
  return wild || b.length - a.length || (a < b ? -1 : a > b ? 1 : 0);
}
