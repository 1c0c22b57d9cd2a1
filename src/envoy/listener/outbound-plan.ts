import type { Protocol, Scope, ServicePort, VisibleService } from "../../mesh/index.ts";
import { isHttp } from "../names.ts";
import { matchKey } from "./chain-match.ts";
import { speaks, type Families } from "./families.ts";
import { headlessAddresses, type EndpointsOf } from "./headless.ts";
import { portHttpChain, serviceHttpChain, tcpChainsFor } from "./shared-chains.ts";
import type { OutboundChain } from "./outbound-chain.ts";
import type { TcpChainInput } from "./tcp-chains.ts";
import { tcpRoutingFor } from "./destination.ts";

/** An outbound listener while it is gathered from the services that share its address and port. */
export interface PlannedListener {
  readonly bind: string;
  readonly port: number;
  readonly protocol: Protocol; // AUTO as soon as HTTP and TCP meet
  readonly chains: readonly OutboundChain[];
}

/** Listeners of the sidecar's own on every address; a service on such a port gets none on the wildcard. */
const reservedPorts: ReadonlySet<number> = new Set([15001, 15006, 15020, 15021, 15053, 15090]);

/** Protocols in which a client and a server of another kind stall each other; such a port is never shared. */
const unshareable: ReadonlySet<Protocol> = new Set(["MONGO", "MYSQL"]);

/**
 * The listeners of a scope by address and port: `0.0.0.0_<port>` for all HTTP services of the port together, one for each
 * address of a TCP or auto-detected service, and the wildcard for a service that has no address. Services come by hostname; where two want the
 * same connections the first keeps them. HTTP and TCP on one address are told apart by inspection, as Istio does.
 */
export function planOutbound(scope: Scope, families: Families, endpointsOf: EndpointsOf): PlannedListener[] {
  const planned = new Map<string, PlannedListener>();
  for (const visible of scope.services) {
    const routing = tcpRoutingFor(scope, visible);
    for (const port of visible.service.ports) {
      if (port.protocol === "UDP") continue;
      for (const bind of bindsFor(visible, port, families, endpointsOf)) {
        if (bind.wildcard && reservedPorts.has(port.number)) continue;
        const key = `${bind.address}_${port.number}`;
        const current = planned.get(key);
        const claim: Claim = { settings: scope.settings, visible, port, routing, ...bind };
        if (!current || mayShare(current.protocol, port.protocol)) planned.set(key, joined(current, claim));
      }
    }
  }
  return [...planned.values()];
}

/** A port of a service that asks for the connections to an address. */
interface Claim extends TcpChainInput, Bind {}

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
  const { address: bind, port, settings, visible, wildcard } = claim;
  const base = { bind, port: port.number };
  const before = current?.chains ?? [];
  if (isHttp(port.protocol)) {
    if (current?.protocol === "AUTO") return current;
    return { ...base, protocol: "AUTO", chains: merged(before, [portHttpChain(settings, String(port.number))]) };
  }
  if (port.protocol !== "AUTO") {
    return { ...base, protocol: current?.protocol ?? port.protocol, chains: merged(before, tcpChainsFor(claim)) };
  }
  if (current?.protocol === "AUTO") return current;
  const http = wildcard
    ? portHttpChain(settings, String(port.number))
    : serviceHttpChain(settings, visible.service, port);
  return { ...base, protocol: "AUTO", chains: merged(before, [...tcpChainsFor(claim), http]) };
}

function merged(current: readonly OutboundChain[], added: readonly OutboundChain[]): OutboundChain[] {
  const taken = new Set(current.map(({ match }) => matchKey(match)));
  return [...current, ...added.filter(({ match }) => !taken.has(matchKey(match)))];
}
