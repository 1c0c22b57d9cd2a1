import { memo, memo2 } from "../lib/index.ts";
import { parseNode, type Node } from "./node.ts";
import type { ProxyClaim } from "./claim.ts";
import type { Snapshot, Workload } from "./snapshot-types.ts";
import type { Proxy } from "./types.ts";

/**
 * Who a proxy is: its verified identity, narrowed to one workload by what the node claims. A node that claims nothing, or
 * anything that its credential does not bear out, is refused with the reason. A workload that the mesh knows is described by the
 * mesh; only of an unknown one do the node's own labels and addresses count, and they reach no further than its namespace.
 */
export function resolveProxy(
  snapshot: Snapshot,
  claim: ProxyClaim,
): { readonly proxy: Proxy } | { readonly refused: string } {
  const { identity } = claim;
  const node = parsedNode(claim.node);
  if ("refused" in node) return node;
  const reason = doubt(identity, node);
  if (reason) return { refused: reason };
  const workload = snapshot.workloads.get(`${node.name}.${node.namespace}`);
  if (workload && workload.serviceAccount !== identity.serviceAccount) {
    return { refused: `the credential is not for the service account that ${node.name}.${node.namespace} runs as` };
  }
  return { proxy: proxyOf(claim, node)(workload ?? node) };
}

/** The same object for the same claim while the workload stays the same. */
const proxyOf = memo2(({ identity: { serviceAccount } }: ProxyClaim, { type, name, namespace, metadata }: Node) =>
  memo(({ addresses, labels, locality, node, network }: Workload | Node): Proxy => {
    const own = { type, name, namespace, serviceAccount, addresses, labels, locality };
    return { ...own, ...(node !== undefined && { node }), ...(network && { network }), metadata };
  }),
);

const parsedNode = memo(parseNode);

/** Why a claim cannot be believed; the words tell nothing that the caller did not say. */
function doubt(
  identity: ProxyClaim["identity"],
  node: { readonly name: string; readonly namespace: string; readonly serviceAccount: string },
): string | undefined {
  if (!identity.namespace || !identity.serviceAccount) return "the credential names no service account";
  if (!node.namespace || !node.name) return "the node claims no name and namespace";
  if (node.namespace !== identity.namespace) return "the credential is not for the namespace that the node claims";
  if (node.serviceAccount && node.serviceAccount !== identity.serviceAccount) {
    return "the credential is not for the service account that the node claims";
  }
  if (identity.workload !== undefined && identity.workload !== node.name) {
    return "the credential is bound to another workload than the node claims";
  }
  return undefined;
}
