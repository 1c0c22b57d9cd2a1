import { isIp, type MeshObject } from "../../model/index.ts";
import type { ProxyClaim } from "../claim.ts";
import type { Labels } from "../labels.ts";

/** What a workload says of itself when it joins a WorkloadGroup; its namespace and account come from its credential alone. */
export interface MemberClaim {
  readonly group: string;
  readonly address: string;
  readonly network: string; // "" where there is only one
  readonly labels: Labels;
  readonly locality: string; // region/zone/subzone; "": the template's
  /** Whether its Envoy serves and its app, where the group has a probe, is well; undefined: nobody has looked yet. */
  readonly healthy?: boolean;
  /** What is wrong, where it is not. */
  readonly unwell?: string;
}

/** A workload that has joined. A value: what changes makes another one. */
export interface Member extends MemberClaim {
  readonly namespace: string;
  readonly serviceAccount: string;
}

type Group = MeshObject<"WorkloadGroup">;

/** A Kubernetes name is no longer; Istio cuts off the beginning too. */
const longestName = 253;

/** The name of the WorkloadEntry of a member, as Istio names it: `GROUP-ADDRESS`, and `-NETWORK` where it names one. */
export function memberName({ group, address, network }: Pick<MemberClaim, "group" | "address" | "network">): string {
  const name = [group, address.replaceAll(":", "-"), ...(network === "" ? [] : [network])].join("-");
  return name.slice(-longestName);
}

/** The service account of a group's workloads. */
function accountOf({ spec }: Group): string {
  return spec.template.serviceAccount || "default";
}

/**
 * Who joins, or in a sentence why nobody does: the credential must be one of the group's namespace and service account, and what a
 * workload says of itself may add to what the group says, never contradict it. (On Istio its labels win.)
 */
export function admitMember(
  group: Group | undefined,
  identity: ProxyClaim["identity"],
  claim: MemberClaim,
): { readonly member: Member } | { readonly refused: string } {
  const { namespace, serviceAccount, workload } = identity;
  if (!group || group.metadata.namespace !== namespace)
    return { refused: `there is no WorkloadGroup ${claim.group} in namespace ${namespace}` };
  if (serviceAccount !== accountOf(group))
    return { refused: `the credential is not for the service account of WorkloadGroup ${claim.group}` };
  if (!isIp(claim.address)) return { refused: "the workload claims no IP address" };
  if (workload !== undefined && workload !== memberName(claim))
    return { refused: `the credential is bound to another workload than ${memberName(claim)}` };
  const own = groupLabels(group);
  const other = Object.keys(claim.labels).find((key) => Object.hasOwn(own, key) && own[key] !== claim.labels[key]);
  if (other !== undefined)
    return { refused: `the group sets the label ${other}, and the workload claims another value` };
  return { member: Object.freeze({ ...claim, namespace, serviceAccount }) };
}

/** The labels that a group gives its members: those of `metadata` go before those of the template. */
export function groupLabels({ spec: { metadata, template } }: Group): Labels {
  return { ...template.labels, ...metadata?.labels };
}
