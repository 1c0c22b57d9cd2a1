import { memo, memoNamed } from "../../lib/index.ts";
import type { MeshSettings, Scope, ScopedVirtualService, Service, VisibleService } from "../../mesh/index.ts";
import { memoList } from "../memo-list.ts";
import { isForAllPorts } from "../names.ts";
import { catchAllFor, unclaimedClusterFor } from "./catch-all.ts";
import type { Target } from "./destination.ts";
import { mentionsHash } from "./hash-policy.ts";
import type { GatewayHost, VirtualHostInput } from "./virtual-host.ts";

/** Where a virtual host stands, what for, and what its routes may lead to. */
export interface Place {
  readonly settings: MeshSettings;
  readonly byHostname: ReadonlyMap<string, VisibleService>;
  readonly routeName: string; // of the route configuration
  readonly host: string;
  readonly port: number;
  readonly domains: readonly string[]; // of this host and no other: see domains.ts
  readonly service?: Service;
}

const absent = Object.freeze({});
const anyDomain: readonly string[] = Object.freeze(["*"]);
const catchAlls = { allow_any: Object.freeze({}), block_all: Object.freeze({}) };
const named = memoNamed((_settings: MeshSettings, _routeName: string) => Object.freeze({}));
const slots = memoList<object, { input?: VirtualHostInput }>(() => ({}));

/**
 * The input of a virtual host, by a VirtualService or else of a service. It holds everything that the bytes depend on and nothing
 * else, and places that come to the same get the same object: so each virtual host is built once, whoever asks.
 */
export function virtualHostInput(place: Place, virtualService?: ScopedVirtualService): VirtualHostInput {
  const last = latest.get(place);
  if (last && last.virtualService === virtualService) return last;
  const input = shared(place, virtualService);
  latest.set(place, input);
  return input;
}

/** Where the VirtualService has not changed either, which is nearly everywhere: one look instead of ten. */
const latest = new WeakMap<Place, VirtualHostInput>();

function shared(place: Place, virtualService: ScopedVirtualService | undefined): VirtualHostInput {
  const { settings, byHostname, routeName, host, port, domains, service } = place;
  const hosts = virtualService ? destinationHosts(virtualService) : [host];
  const targets = hosts.map((hostname) => targetFor(byHostname, hostname));
  const slot = slots([
    named(settings, isForAllPorts(routeName) ? `${routeName} ${port}` : routeName),
    domains,
    service ?? absent,
    virtualService ?? absent,
    ...targets.flatMap((target) => [target?.service ?? absent, target?.rule ?? absent]),
  ]);
  return (slot.input ??= {
    settings,
    routeName,
    host,
    port,
    domains,
    ...(service && { service }),
    ...(virtualService && { virtualService }),
    targets: targetsBy(hosts, targets),
  });
}

/** By the names that rules have for them, aliases too. */
function targetsBy(hosts: readonly string[], targets: readonly (Target | undefined)[]): ReadonlyMap<string, Target> {
  return new Map(targets.flatMap((target, i) => (target ? [[hosts[i] ?? "", target]] : [])));
}

/** The input of the virtual host for every host that no other has. */
export function catchAllInput(scope: Scope, routeName: string, port: number): VirtualHostInput {
  const { settings } = scope;
  const catchAll = catchAllFor(scope);
  const cluster = unclaimedClusterFor(scope);
  const slot = slots([named(settings, `${routeName} ${cluster}`), catchAlls[catchAll]]);
  const place = { settings, routeName, host: catchAll, port, domains: anyDomain };
  return (slot.input ??= { ...place, catchAll, unclaimed: cluster, targets: new Map() });
}

const httpsOnly = Object.freeze({});

/** The input of a virtual host of a gateway. */
export function gatewayHostInput(place: Place, gateway: GatewayHost): VirtualHostInput {
  const { settings, byHostname, routeName, host, port, domains } = place;
  const hosts = [...new Set(gateway.virtualServices.flatMap(destinationHosts))];
  const targets = hosts.map((hostname) => targetFor(byHostname, hostname));
  const slot = slots([
    named(settings, `${routeName} ${port}`),
    domains,
    gateway.httpsOnly ? httpsOnly : absent,
    ...gateway.virtualServices,
    ...targets.flatMap((target) => [target?.service ?? absent, target?.rule ?? absent]),
  ]);
  const known = targetsBy(hosts, targets);
  return (slot.input ??= { settings, routeName, host, port, domains, gateway, targets: known });
}

const destinationHosts = memo(({ http }: ScopedVirtualService): readonly string[] => {
  const hosts = http.flatMap(({ rule }) => [
    ...(rule.route ?? []).map(({ destination }) => destination.host),
    ...(rule.mirrors ?? []).map(({ destination }) => destination.host),
    ...(rule.mirror ? [rule.mirror.host] : []),
  ]);
  return [...new Set(hosts)];
});

function targetFor(byHostname: Place["byHostname"], host: string): Target | undefined {
  const visible = byHostname.get(host);
  return visible && targetOf(visible);
}

const targetOf = memo(({ service, rule }: VisibleService): Target =>
  rule && mentionsHash(rule) ? { service, rule } : { service },
);
