import { memo2 } from "../../lib/index.ts";
import type { MeshSettings, Scope, VisibleService } from "../../mesh/index.ts";
import { memoList } from "../memo-list.ts";
import { unclaimedClusterFor } from "./catch-all.ts";
import { shortNamespacesOf } from "./domains.ts";

/**
 * The one scope that stands for all whose routes are the same: those that see the same services and rules. Their namespace makes a
 * difference only where services of it answer to a short name.
 */
export function standInFor(scope: Scope): Scope {
  const { settings, services, virtualServices, namespace, egress } = scope;
  const near = shortNamespaces(settings, services).has(namespace) ? namespace : "";
  const known = standIns([settings, services, virtualServices, ...(egress ? [egress] : [])]);
  const key = `${unclaimedClusterFor(scope)} ${near}`;
  const standIn = known.get(key) ?? scope;
  known.set(key, standIn);
  return standIn;
}

const standIns = memoList((_: readonly object[]) => new Map<string, Scope>());

const shortNamespaces = memo2(
  (settings: MeshSettings, services: readonly VisibleService[]): ReadonlySet<string> =>
    new Set(services.flatMap(({ service }) => shortNamespacesOf(service, settings))),
);
