import { memo, memoNamed } from "../../lib/index.ts";
import type { MeshSettings, Scope, ScopedVirtualService } from "../../mesh/index.ts";
import { memoList } from "../memo-list.ts";
import { catchAllFor } from "./catch-all.ts";
import type { Target } from "./destination.ts";
import { mentionsHash } from "./hash-policy.ts";
import type { VirtualHostContent, VirtualHostInput } from "./virtual-host.ts";

/** Where a virtual host stands. */
export interface Place {
  readonly routeName: string; // of the route configuration
  readonly host: string;
  readonly port: number;
  readonly domains: readonly string[];
}

type ServiceContent = Exclude<VirtualHostContent, { catchAll: unknown }>;

const absent = Object.freeze({});
const anyDomain: readonly string[] = Object.freeze(["*"]);
const catchAlls = { allow_any: Object.freeze({}), block_all: Object.freeze({}) };
const named = memoNamed((_settings: MeshSettings, _routeName: string) => Object.freeze({}));
const slots = memoList<object, { input?: VirtualHostInput }>(() => ({}));

/**
 * The input of a service's or a VirtualService's virtual host in a scope. It names everything that the bytes depend on, and
 * scopes that see the same get the same object: so each virtual host is built once, whoever asks.
 */
export function virtualHostInput(scope: Scope, place: Place, content: ServiceContent): VirtualHostInput {
  const { settings } = scope;
  const virtualService = "virtualService" in content ? content.virtualService : undefined;
  const { service } = content;
  const hosts = virtualService ? destinationHosts(virtualService) : service ? [service.hostname] : [];
  const found = hosts.map((host) => targetFor(scope, host));
  const parts = [
    named(settings, place.routeName),
    place.domains, // of this host and no other: see domains.ts
    service ?? absent,
    virtualService ?? absent,
    ...found.flatMap((target) => [target?.service ?? absent, target?.rule ?? absent]),
  ];
  const slot = slots(parts);
  slot.input ??= { settings, ...place, content, targets: new Map(found.flatMap((target) => entry(target))) };
  return slot.input;
}

/** The input of the virtual host for every host that no other has. */
export function catchAllInput(scope: Scope, routeName: string, port: number): VirtualHostInput {
  const { settings } = scope;
  const catchAll = catchAllFor(scope);
  const slot = slots([named(settings, routeName), catchAlls[catchAll]]);
  const place = { routeName, host: catchAll, port, domains: anyDomain };
  slot.input ??= { settings, ...place, content: { catchAll }, targets: new Map() };
  return slot.input;
}

const destinationHosts = memo(({ http }: ScopedVirtualService): readonly string[] => {
  const hosts = http.flatMap(({ rule }) => [
    ...(rule.route ?? []).map(({ destination }) => destination.host),
    ...(rule.mirrors ?? []).map(({ destination }) => destination.host),
    ...(rule.mirror ? [rule.mirror.host] : []),
  ]);
  return [...new Set(hosts)];
});

function targetFor(scope: Scope, host: string): Target | undefined {
  const visible = scope.byHostname.get(host);
  if (!visible) return undefined;
  const { service, rule } = visible;
  return rule && mentionsHash(rule) ? { service, rule } : { service };
}

function entry(target: Target | undefined): [string, Target][] {
  return target ? [[target.service.hostname, target]] : [];
}
