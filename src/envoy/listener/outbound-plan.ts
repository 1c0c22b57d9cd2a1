import { memoNamed } from "../../lib/index.ts";
import {
  sidecarPorts,
  type EgressListener,
  type EgressPart,
  type Protocol,
  type Scope,
  type ServicePort,
  type VisibleService,
} from "../../mesh/index.ts";
import { egressRouteName, isHttp, routeName } from "../names.ts";
import { hasOwnListener } from "../route/index.ts";
import { matchKey } from "./chain-match.ts";
import { loopbacks, speaks, type Families } from "./families.ts";
import { headlessAddresses, type EndpointsOf } from "./headless.ts";
import { portHttpChain, serviceHttpChain, soleHttpChain, tcpChainsFor } from "./shared-chains.ts";
import type { OutboundChain } from "./outbound-chain.ts";
import type { TcpChainInput } from "./tcp-chains.ts";
import { tcpRoutingFor } from "./destination.ts";

/** An outbound listener while it is gathered from the services that share its address and port. */
export interface PlannedListener {
  readonly bind: string;
  readonly port: number;
  readonly protocol: Protocol; // AUTO as soon as HTTP and TCP meet
  readonly chains: readonly OutboundChain[];
  readonly bound: boolean; // the workload connects to it; else virtualOutbound hands connections to it
}

/** Protocols in which a client and a server of another kind stall each other; such a port is never shared. */
const unshareable: ReadonlySet<Protocol> = new Set(["MONGO", "MYSQL"]);

/**
 * The listeners of a scope by address and port: `0.0.0.0_<port>` for all HTTP services of the port together, one for each
 * address of a TCP or auto-detected service, and the wildcard for a service that has no address. Services come by hostname; where two want the
 * same connections the first keeps them. HTTP and TCP on one address are told apart by inspection, as Istio does.
 */
export function planOutbound(scope: Scope, families: Families, endpointsOf: EndpointsOf): PlannedListener[] {
  const planned = new Map<string, PlannedListener>();
  for (const part of scope.egress ?? [{ scope }]) {
    const locked = new Set(planned.keys()); // who names a port wants nothing else on it
    for (const claim of claimsOf(part, families, endpointsOf)) {
      const key = `${claim.address}_${claim.listenPort}`;
      const current = planned.get(key);
      if (locked.has(key) || (current && !mayShare(current.protocol, claim.port.protocol))) continue;
      planned.set(key, joined(current, claim));
    }
  }
  return [...planned.values()];
}

/** A port of a service that asks for the connections to an address. */
interface Claim extends TcpChainInput, Bind {
  readonly listenPort: number; // `port` is the one that is sent to
  readonly bound: boolean;
  readonly named: boolean; // the listener's port is its own, and so are its routes
  readonly rds: string; // of HTTP services that share the listener
}

/** What a scope, or one egress listener of a Sidecar, asks for. */
type Part = Pick<EgressPart, "scope"> & Partial<EgressPart>;

function* claimsOf({ scope, listener }: Part, families: Families, endpointsOf: EndpointsOf): Iterable<Claim> {
  const { settings } = scope;
  const bound = listener?.bound === true;
  const named = listener?.port !== undefined;
  for (const visible of scope.services) {
    const routing = tcpRoutingFor(scope, visible);
    for (const { port, listenPort } of listener?.port ? [askedFor(visible, listener.port)] : allPorts(visible)) {
      if (port.protocol === "UDP") continue;
      const rds = listener?.port ? egressRouteName(listener) : routeName(port.number);
      for (const bind of ownBind(listener, families) ?? bindsFor(visible, port, families, endpointsOf)) {
        if ((bind.wildcard || bound) && sidecarPorts.has(listenPort)) continue; // a service there is left to virtualOutbound
        yield { settings, visible, port, routing, listenPort, bound, named, rds, ...bind };
      }
    }
  }
}

interface Asked {
  readonly port: ServicePort;
  readonly listenPort: number;
}

function allPorts({ service }: VisibleService): readonly Asked[] {
  return service.ports.map((port) => ({ port, listenPort: port.number }));
}

/** A listener with a port leads to that port; what comes by a socket, to the service's only port, or its first. */
function askedFor({ service }: VisibleService, own: ServicePort): Asked {
  const [first] = service.ports;
  const port = own.number === 0 && first ? onPort(own, first.number) : own;
  return { port, listenPort: own.number };
}

const onPort = (own: ServicePort, number: number): ServicePort => withNumber(own, String(number));

const withNumber = memoNamed((own: ServicePort, number: string): ServicePort =>
  Object.freeze({ ...own, number: Number(number) }),
);

/** The address that a Sidecar gives its listener; the loopback where it gives none, and the workload is to connect to it. */
function ownBind(listener: EgressListener | undefined, families: Families): Bind[] | undefined {
  if (!listener) return undefined;
  if (listener.bind !== "") return [{ ...bindTo(listener.bind), wildcard: listener.bind === families.wildcards[0] }];
  return listener.bound ? [bindTo(loopbacks(families)[0])] : undefined;
}

interface Bind {
  readonly address: string;
  readonly wildcard: boolean;
  readonly cidrs: readonly string[];
}

function bindsFor(visible: VisibleService, port: ServicePort, families: Families, endpointsOf: EndpointsOf): Bind[] {
  const wildcard = { address: families.wildcards[0], wildcard: true, cidrs: [] };
  if (isHttp(port.protocol)) return [wildcard];
  const { service } = visible;
  if (service.addresses.length === 0) {
    if (families.dns && service.autoAddresses)
      return service.autoAddresses.filter((address) => speaks(families, address)).map(bindTo);
    const own = headlessAddresses(visible, port, endpointsOf);
    return own ? own.filter((address) => speaks(families, address)).map(bindTo) : [wildcard];
  }
  const addresses = service.addresses.filter((address) => speaks(families, address));
  const cidrs = addresses.filter((address) => address.includes("/"));
  const binds = addresses.filter((address) => !address.includes("/")).map(bindTo);
  return cidrs.length > 0 ? [...binds, { ...wildcard, cidrs }] : binds;
}

function bindTo(address: string): Bind {
  return { address, wildcard: false, cidrs: [] };
}

function mayShare(current: Protocol, incoming: Protocol): boolean {
  return current === incoming || !(unshareable.has(current) || unshareable.has(incoming));
}

/** The rules of Istio's buildSidecarOutboundListener: the first HTTP chain of an address stands for all, TCP chains are added. */
function joined(current: PlannedListener | undefined, claim: Claim): PlannedListener {
  const { address: bind, port, settings, visible, wildcard, rds, bound, listenPort } = claim;
  const base = { bind, port: listenPort, bound };
  const before = current?.chains ?? [];
  if (isHttp(port.protocol)) {
    if (current?.protocol === "AUTO") return current;
    const protocol = wildcard ? "AUTO" : port.protocol;
    const chain = wildcard ? portHttpChain(settings, rds) : soleHttpChain(settings, rds);
    return { ...base, protocol, chains: merged(before, [chain]) };
  }
  if (port.protocol !== "AUTO") {
    return { ...base, protocol: current?.protocol ?? port.protocol, chains: merged(before, tcpChainsFor(claim)) };
  }
  if (current?.protocol === "AUTO") return current;
  const http =
    wildcard || claim.named || !hasOwnListener(visible.service)
      ? portHttpChain(settings, rds)
      : serviceHttpChain(settings, visible.service, port);
  return { ...base, protocol: "AUTO", chains: merged(before, [...tcpChainsFor(claim), http]) };
}

function merged(current: readonly OutboundChain[], added: readonly OutboundChain[]): OutboundChain[] {
  const taken = new Set(current.map(({ match }) => matchKey(match)));
  return [...current, ...added.filter(({ match }) => !taken.has(matchKey(match)))];
}
