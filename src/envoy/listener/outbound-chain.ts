import type { Filter } from "../../../generated/envoy/config/listener/v3/listener_components.ts";
import type { Provenance } from "../resource.ts";
import type { ChainMatch } from "./chain-match.ts";

/** One filter chain of an outbound listener before it is encoded: shared by every scope that sees the same. */
export interface OutboundChain {
  readonly match: ChainMatch;
  /** An HTTP chain takes its routes from this RDS name; a TCP chain has its filters here. */
  readonly content: { readonly rds: string } | { readonly filters: readonly Filter[] };
  readonly provenance: readonly Provenance[];
}
