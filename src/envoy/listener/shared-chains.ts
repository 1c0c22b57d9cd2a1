import { memo3, memoNamed } from "../../lib/index.ts";
import type { MeshSettings, Service, ServicePort } from "../../mesh/index.ts";
import { memoList } from "../memo-list.ts";
import { routeName } from "../names.ts";
import { plaintextHttp } from "./chain-match.ts";
import type { OutboundChain } from "./outbound-chain.ts";
import { buildTcpChains, type TcpChainInput } from "./tcp-chains.ts";

/** The HTTP chain that all HTTP services of a port share: one object for all scopes of a mesh. */
export const portHttpChain = memoNamed<MeshSettings, OutboundChain>((settings, rds) => httpChain(settings, rds));

/** The HTTP chain of a listener on an address of its own, on which nothing but HTTP is spoken. */
export const soleHttpChain = memoNamed<MeshSettings, OutboundChain>((settings, rds) => ({
  ...httpChain(settings, rds),
  match: {},
}));

/** The HTTP chain of a detected port, whose routes are the service's alone; it lives as long as the service. */
export const serviceHttpChain = memo3(
  (settings: MeshSettings, { hostname }: Service, { number }: ServicePort): OutboundChain =>
    httpChain(settings, routeName(number, hostname)),
);

function httpChain(settings: MeshSettings, rds: string): OutboundChain {
  return {
    match: { alpn: plaintextHttp, transport: "raw_buffer" },
    content: { rds },
    provenance: settings.object ? [{ object: settings.object, field: [] }] : [],
  };
}

const chainsByInput = memoList((_: readonly object[]) => new Map<string, readonly OutboundChain[]>());

/** `buildTcpChains`, once for each distinct input: the objects by identity, the address by text. */
export function tcpChainsFor(input: TcpChainInput): readonly OutboundChain[] {
  const { settings, visible, port, routing } = input;
  const byAddress = chainsByInput([settings, visible, port, ...routing.virtualServices, end, ...routing.destinations]);
  const address = `${input.wildcard} ${input.cidrs.join(" ")}`;
  let chains = byAddress.get(address);
  if (!chains) byAddress.set(address, (chains = Object.freeze(buildTcpChains(input))));
  return chains;
}

/** Keeps the two lists of the key apart. */
const end = Object.freeze({});
