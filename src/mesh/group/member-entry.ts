import { memo2 } from "../../lib/index.ts";
import { healthAnnotation, healthCondition, parseObject, type MeshObject, type Origin } from "../../model/index.ts";
import { groupLabels, memberName, type Member } from "./member.ts";

type Group = MeshObject<"WorkloadGroup">;
type Entry = MeshObject<"WorkloadEntry">;

/** Istio's annotation of an entry that a workload got by joining. */
const groupAnnotation = "istio.io/autoRegistrationGroup";
const tlsMode = "security.istio.io/tlsMode";

/**
 * A member's WorkloadEntry as one would write it: the template, then the group's labels and annotations, then what the workload says. It
 * speaks mesh mTLS, as its Envoy is ours, and gets no requests before that Envoy serves: on Istio only those of a group with a probe wait.
 * https://istio.io/latest/docs/reference/config/networking/workload-group/
 */
export function writeMemberEntry(
  group: Group,
  member: Member,
): { readonly metadata: object; readonly [field: string]: unknown } {
  const { metadata, template } = group.spec;
  const { address, network, serviceAccount, namespace, healthy = false, unwell } = member;
  const labels = { [tlsMode]: "istio", ...member.labels, ...groupLabels(group) };
  const annotations = {
    ...metadata?.annotations,
    [groupAnnotation]: group.metadata.name,
    [healthAnnotation]: "true",
  };
  const locality = member.locality || template.locality;
  const spec = {
    ...template,
    ...{ address, labels, serviceAccount },
    ...(network !== "" && { network }),
    ...(locality && { locality }),
  };
  const condition = { type: healthCondition, status: healthy ? "True" : "False", ...(unwell && { message: unwell }) };
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "WorkloadEntry",
    metadata: { name: memberName(member), namespace, labels, annotations },
    spec,
    status: { conditions: [condition] },
  };
}

/** The same as an object of the mesh, blamed on the group; or in a sentence why it would be none. */
export const memberEntry = memo2(
  (group: Group, member: Member): { readonly entry: Entry } | { readonly refused: string } => {
    const { object, problems } = parseObject(writeMemberEntry(group, member), originOf(group));
    if (object?.kind === "WorkloadEntry") return { entry: object };
    const fault = problems.find(({ level }) => level === "error");
    return { refused: `its entry would be none: ${fault?.field ?? ""} ${fault?.message ?? "it cannot be read"}` };
  },
);

function originOf({ origin }: Group): Origin {
  return { file: origin.file, at: () => origin.at(["spec", "template"]) };
}

/** The objects with the entries of members: those of groups that are there, where no object has that name. The order is the members'. */
export function withMembers(objects: readonly MeshObject[], members: readonly Member[]): readonly MeshObject[] {
  if (members.length === 0) return objects;
  const groups = new Map<string, Group>();
  const taken = new Set<string>();
  for (const object of objects) {
    const name = `${object.metadata.namespace}/${object.metadata.name}`;
    if (object.kind === "WorkloadGroup") groups.set(name, object);
    if (object.kind === "WorkloadEntry") taken.add(name);
  }
  const entries = members.flatMap((member): Entry[] => {
    const group = groups.get(`${member.namespace}/${member.group}`);
    const made = group && !taken.has(`${member.namespace}/${memberName(member)}`) && memberEntry(group, member);
    return made && "entry" in made ? [made.entry] : [];
  });
  return entries.length === 0 ? objects : [...objects, ...entries];
}
