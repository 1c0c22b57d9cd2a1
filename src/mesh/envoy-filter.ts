import { memo, memoNamed } from "../lib/index.ts";
import { versionPattern, type MeshObject } from "../model/index.ts";
import { selects } from "./labels.ts";
import { isTarget } from "./target-refs.ts";
import type { EnvoyPatch, Proxy } from "./types.ts";

type EnvoyFilter = MeshObject<"EnvoyFilter">;

const none: readonly EnvoyPatch[] = Object.freeze([]);

/**
 * The patches for one proxy, in the order in which they are applied: EnvoyFilters of the root namespace, then those of the proxy's own, in
 * each by priority and age. Those without a selector are for all proxies of the namespace, in the root namespace of the mesh.
 * A patch is the same object for every proxy. https://istio.io/latest/docs/reference/config/networking/envoy-filter/
 */
export function envoyPatchesFor(
  filters: readonly EnvoyFilter[],
  rootNamespace: string,
  proxy: Proxy,
): readonly EnvoyPatch[] {
  if (filters.length === 0) return none;
  const { namespace } = proxy;
  const own = namespace === rootNamespace ? [] : inNamespace(filters, namespace);
  const selected = [...inNamespace(filters, rootNamespace), ...own].filter((object) => isFor(object, proxy));
  if (selected.length === 0) return none;
  return selected.flatMap(patchesOf).filter(({ patch }) => matches(patch.match?.proxy, proxy));
}

const inNamespace = memoNamed((filters: readonly EnvoyFilter[], namespace: string): readonly EnvoyFilter[] => {
  const own = filters.filter(({ metadata }) => metadata.namespace === namespace);
  return own.sort((a, b) => (a.spec.priority ?? 0) - (b.spec.priority ?? 0)); // they come oldest first
});

const patchesOf = memo((object: EnvoyFilter): readonly EnvoyPatch[] =>
  (object.spec.configPatches ?? []).map((patch, index) => Object.freeze({ object, index, patch })),
);

function isFor({ spec: { workloadSelector, targetRefs = [] } }: EnvoyFilter, proxy: Proxy): boolean {
  return targetRefs.length > 0 ? isTarget(targetRefs, proxy) : selects(workloadSelector?.labels ?? {}, proxy.labels);
}

type ProxyMatch = NonNullable<EnvoyPatch["patch"]["match"]>["proxy"];

const patternOf = memo((match: NonNullable<ProxyMatch>) => versionPattern(match.proxyVersion ?? ""));

function matches(match: ProxyMatch, { metadata }: Proxy): boolean {
  if (!match) return true;
  const version = metadata["ISTIO_VERSION"];
  if (match.proxyVersion && !patternOf(match)?.(typeof version === "string" ? version : emulated)) return false;
  return Object.entries(match.metadata ?? {}).every(
    ([key, value]) => Object.hasOwn(metadata, key) && metadata[key] === value,
  );
}

/** The version of Istio whose configuration an Envoy without a word about it is served the like of. */
const emulated = "1.29.0";
