import { memoNamed } from "../../lib/index.ts";
import type { MeshSettings } from "../../mesh/index.ts";
import { memoList } from "../memo-list.ts";
import { plaintextHttp } from "./chain-match.ts";
import type { OutboundChain } from "./outbound-chain.ts";
import { buildTcpChains, type TcpChainInput } from "./tcp-chains.ts";

/** The HTTP chain that takes its routes from `rds`: one object for all scopes of a mesh. */
export const httpChain = memoNamed<MeshSettings, OutboundChain>((settings, rds) => ({
  match: { alpn: plaintextHttp, transport: "raw_buffer" },
  content: { rds },
  provenance: settings.object ? [{ object: settings.object, field: [] }] : [],
}));

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
