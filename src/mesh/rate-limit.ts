import { memo, memoNamed } from "../lib/index.ts";
import { parseServicePort, type MeshObject } from "../model/index.ts";
import { resolveShortName } from "./host.ts";
import { selects } from "./labels.ts";
import { isTarget } from "./target-refs.ts";
import type { AppliedRateLimit, MeshSettings, Proxy } from "./types.ts";

type RateLimit = MeshObject<"RateLimit">;

const none: readonly AppliedRateLimit[] = Object.freeze([]);

/**
 * The RateLimits of one proxy, all of which apply: those of the root namespace, then those of its own, in each the oldest first. One that
 * selects nothing is for all proxies of its namespace, in the root namespace of the mesh; there a selector looks at the whole mesh too, as
 * that of an AuthorizationPolicy does on Istio. What is told of one policy is the same object for every proxy.
 */
export function rateLimitsFor(
  objects: readonly RateLimit[],
  { rootNamespace, domain }: MeshSettings,
  proxy: Proxy,
): readonly AppliedRateLimit[] {
  if (objects.length === 0) return none;
  const { namespace } = proxy;
  const spaces = namespace === rootNamespace ? [namespace] : [rootNamespace, namespace];
  const selected = spaces.flatMap((space) => byNamespace(objects).get(space) ?? []);
  return selected.filter((object) => isFor(object, proxy)).map((object) => applied(object, domain));
}

const byNamespace = memo((objects: readonly RateLimit[]): ReadonlyMap<string, readonly RateLimit[]> =>
  Map.groupBy(objects, ({ metadata }) => metadata.namespace),
);

function isFor({ spec: { selector, targetRefs = [] } }: RateLimit, proxy: Proxy): boolean {
  return targetRefs.length > 0 ? isTarget(targetRefs, proxy) : selects(selector?.matchLabels ?? {}, proxy.labels);
}

/** With the full name of the service that counts. */
const applied = memoNamed((object: RateLimit, domain: string): AppliedRateLimit => {
  const service = rateLimitService(object, domain);
  return Object.freeze({ object, ...(service && { service }) });
});

/** The service of a global RateLimit by its full name; undefined where each proxy counts for itself. */
export function rateLimitService({ spec, metadata }: RateLimit, domain: string): AppliedRateLimit["service"] {
  const named = spec.global && parseServicePort(spec.global.service);
  return named && { host: resolveShortName(named.host, metadata.namespace, domain), port: named.port };
}
