import { memo, memoNamed } from "../lib/index.ts";
import type { MeshObject } from "../model/index.ts";
import { isSubsetOf, isWildcard, hostMatches } from "./host.ts";
import { selects, type Labels } from "./labels.ts";
import { groupBy } from "./sharing.ts";

export type SidecarObject = MeshObject<"Sidecar">;

/**
 * The Sidecar that counts for a workload: the oldest that selects it, else its namespace's without selector, else the root
 * namespace's without selector. https://istio.io/latest/docs/reference/config/networking/sidecar/
 */
export function sidecarFor(
  sidecars: readonly SidecarObject[], // in order of precedence
  rootNamespace: string,
  namespace: string,
  labels: Labels,
): SidecarObject | undefined {
  const own = byNamespace(sidecars).get(namespace) ?? [];
  const selected = own.find((sidecar) => {
    const selector = selectorOf(sidecar);
    return selector && selects(selector, labels);
  });
  const isDefault = (sidecar: SidecarObject) => selectorOf(sidecar) === undefined;
  return selected ?? own.find(isDefault) ?? byNamespace(sidecars).get(rootNamespace)?.find(isDefault);
}

const byNamespace = memo((sidecars: readonly SidecarObject[]) =>
  groupBy(sidecars, (sidecar) => sidecar.metadata.namespace),
);

function selectorOf(sidecar: SidecarObject): Labels | undefined {
  const labels = sidecar.spec.workloadSelector?.labels;
  return labels && Object.keys(labels).length > 0 ? labels : undefined;
}

/** Which services and VirtualServices a Sidecar lets its workloads see. */
export interface Egress {
  readonly imports: (namespace: string, hostname: string) => boolean;
  /** As `imports`, but a wildcard on either side matches (Istio's legacy rule for VirtualServices). */
  readonly importsRule: (namespace: string, host: string) => boolean;
}

interface ImportedHosts {
  readonly exact: ReadonlySet<string>;
  readonly wildcards: readonly string[];
}

/** One egress listener as written. */
export type EgressSpec = NonNullable<SidecarObject["spec"]["egress"]>[number];

/** The egress listeners of a Sidecar; undefined where it does not limit what is seen. */
export function egressOf({ spec }: SidecarObject): readonly EgressSpec[] | undefined {
  return spec.egress?.length ? spec.egress : undefined;
}

/** What one egress listener lets a workload of a namespace see. */
export const importsOf = memoNamed(({ hosts: written }: EgressSpec, client: string): Egress => {
  const included = hostsByNamespace(
    written.filter((host) => !isExclusion(host)),
    client,
  );
  const excluded = hostsByNamespace(
    written.filter(isExclusion).map((host) => host.slice(1)),
    client,
  );
  const allows = (namespace: string, test: (hosts: ImportedHosts) => boolean) =>
    [namespace, "*"].some((ns) => testHosts(included.get(ns), test));
  const forbids = (namespace: string, host: string) =>
    [namespace, "*"].some((ns) => testHosts(excluded.get(ns), (hosts) => contains(hosts, host, isSubsetOf)));
  return {
    imports: (namespace, hostname) =>
      !forbids(namespace, hostname) && allows(namespace, (hosts) => contains(hosts, hostname, isSubsetOf)),
    importsRule: (namespace, host) =>
      !forbids(namespace, host) && allows(namespace, (hosts) => contains(hosts, host, hostMatches)),
  };
});

function testHosts(hosts: ImportedHosts | undefined, test: (hosts: ImportedHosts) => boolean): boolean {
  return hosts !== undefined && test(hosts);
}

/** `~ns/host`, as opposed to `~/*`, which imports nothing. */
function isExclusion(host: string): boolean {
  return host.startsWith("~") && !host.startsWith("~/");
}

function hostsByNamespace(hosts: readonly string[], own: string): ReadonlyMap<string, ImportedHosts> {
  const groups = new Map<string, { exact: Set<string>; wildcards: string[] }>();
  for (const written of hosts) {
    const slash = written.indexOf("/");
    const namespace = slash < 0 ? "*" : written.slice(0, slash);
    const host = written.slice(slash + 1).toLowerCase();
    if (namespace === "~") continue;
    const key = namespace === "." ? own : namespace;
    let group = groups.get(key);
    if (!group) groups.set(key, (group = { exact: new Set(), wildcards: [] }));
    if (isWildcard(host)) group.wildcards.push(host);
    else group.exact.add(host);
  }
  return groups;
}

function contains(hosts: ImportedHosts, host: string, matches: (host: string, imported: string) => boolean): boolean {
  if (hosts.exact.has(host)) return true;
  if (hosts.wildcards.some((imported) => matches(host, imported))) return true;
  return isWildcard(host) && [...hosts.exact].some((imported) => matches(host, imported));
}
