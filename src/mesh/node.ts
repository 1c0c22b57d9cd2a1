import { noLabels, type Labels } from "./labels.ts";
import { nowhere } from "./locality.ts";
import type { NodeClaim } from "./claim.ts";
import { networkOf } from "./network.ts";
import type { Locality, Proxy } from "./types.ts";

/** What a node says of itself, read but not believed. Empty text: not said. */
export interface Node {
  readonly type: Proxy["type"];
  readonly name: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly addresses: readonly string[];
  readonly labels: Labels;
  readonly locality: Locality;
  readonly node?: string;
  readonly network?: string;
  readonly metadata: NodeClaim["metadata"];
}

/** More than a workload ever has: a hostile node could fill the memory with them. */
const most = { addresses: 64, labels: 256, text: 512 };

/** Reads Istio's node id and metadata: https://istio.io/latest/docs/reference/commands/pilot-agent/. A reason, where they are at odds. */
export function parseNode(claim: NodeClaim): Node | { readonly refused: string } {
  const { metadata } = claim;
  const [kind = "", ip = "", nameAndNamespace = ""] = claim.id.split("~");
  const dot = nameAndNamespace.lastIndexOf(".");
  const ofId = dot < 0 ? ["", ""] : [nameAndNamespace.slice(0, dot), nameAndNamespace.slice(dot + 1)];
  const said = {
    name: [claim.name, textOf(metadata["NAME"]), ofId[0]],
    namespace: [claim.namespace, textOf(metadata["NAMESPACE"]), ofId[1]],
    serviceAccount: [claim.serviceAccount, textOf(metadata["SERVICE_ACCOUNT"])],
  };
  for (const [what, values] of Object.entries(said)) {
    if (new Set(values.filter(Boolean)).size > 1) return { refused: `the node claims more than one ${what}` };
  }
  const one = (values: readonly (string | undefined)[]) => values.find(Boolean) ?? "";
  const nodeName = textOf(metadata["NODE_NAME"]);
  const addresses = claim.addresses ?? addressesOf(textOf(metadata["INSTANCE_IPS"]));
  const labels = claim.labels ?? labelsOf(metadata["LABELS"]);
  const network = networkOf(labels, textOf(metadata["NETWORK"]));
  return {
    type: kind === "router" ? "router" : "sidecar",
    name: one(said.name),
    namespace: one(said.namespace),
    serviceAccount: one(said.serviceAccount),
    addresses: addresses.length > 0 ? addresses : addressesOf(ip),
    labels,
    locality: claim.locality ?? nowhere,
    ...(nodeName !== "" && { node: nodeName }),
    ...(network && { network }),
    metadata,
  };
}

function textOf(value: unknown): string {
  return typeof value === "string" && value.length <= most.text ? value : "";
}

function addressesOf(list: string): readonly string[] {
  const addresses = list.split(",").map((address) => address.trim());
  return [...new Set(addresses.filter(Boolean))].slice(0, most.addresses);
}

function labelsOf(value: unknown): Labels {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return noLabels;
  const labels = Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return Object.fromEntries(labels.slice(0, most.labels));
}
