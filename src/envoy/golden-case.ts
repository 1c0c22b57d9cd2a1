import { parse } from "yaml";
import { formatProblem, type Problem } from "../lib/index.ts";
import {
  admitMember,
  buildSnapshot,
  memberEntry,
  probeOf,
  viewFor,
  withMembers,
  type Member,
  type Proxy,
  type ProxyView,
  type Snapshot,
} from "../mesh/index.ts";
import { parseDocuments, splitDocuments, type MeshObject } from "../model/index.ts";

/** One case of testdata: who asks, and what the mesh is then. */
export interface GoldenCase {
  readonly proxy: Proxy;
  readonly snapshot: Snapshot;
  readonly view: ProxyView;
  readonly problems: readonly Problem[];
  /** The workloads that have joined a group. */
  readonly members: readonly Member[];
  /** What becomes of workloads that join a group: the entry and its probe, or why they may not. A line each. */
  readonly joined: readonly string[];
}

/** A workload that joins: `member: {group, address}` and, where they are not what one expects, the rest. */
type Joining = Partial<Member>;

interface Asker extends Partial<Proxy> {
  readonly ip?: string;
}

const here = { region: "", zone: "", subzone: "" };

/**
 * Reads an `in.yaml`: a first document `proxy: {name, namespace, labels, serviceAccount, ip | addresses, locality, metadata}`, all of
 * them optional, beside it the `members` that have joined a WorkloadGroup, then ordinary YAML. `order` says how the documents of the mesh are dealt; lines keep their numbers in the given order only.
 */
export function parseCase(
  text: string,
  order: (documents: string[]) => string[] = (documents) => documents,
): GoldenCase {
  const [first, ...rest] = splitDocuments(text);
  const { proxy: asker = {}, members: joining = [] } = parse(first?.text ?? "") as {
    proxy?: Asker;
    members?: Joining[];
  };
  const { ip, ...given } = asker;
  const proxy: Proxy = {
    type: "sidecar",
    name: "client",
    namespace: "default",
    serviceAccount: "default",
    addresses: ip === undefined ? ["10.1.0.1"] : [ip],
    labels: {},
    metadata: {},
    ...given,
    locality: { ...here, ...given.locality },
  };
  const blank = "\n".repeat(rest[0]?.line ?? 0);
  const parsed = parseDocuments(blank + order(rest.map((document) => document.text)).join(""), "in.yaml");
  const joins = joining.map((one) => join(parsed.objects, one));
  const members = joins.flatMap(({ member }) => member ?? []);
  const { snapshot, problems } = buildSnapshot(withMembers(parsed.objects, members));
  const found = { problems: [...parsed.problems, ...problems], members, joined: joins.map(({ line }) => line) };
  return { proxy, snapshot, view: viewFor(snapshot, proxy), ...found };
}

function join(objects: readonly MeshObject[], joining: Joining): { readonly member?: Member; readonly line: string } {
  const { namespace = "default", serviceAccount = "default", healthy, ...rest } = joining;
  const group = objects.find(
    (object) =>
      object.kind === "WorkloadGroup" &&
      object.metadata.name === joining.group &&
      object.metadata.namespace === namespace,
  );
  if (group?.kind !== "WorkloadGroup") return { line: "there is no such group" };
  const claim = { group: "", address: "", network: "", labels: {}, locality: "", ...rest };
  const admitted = admitMember(group, { namespace, serviceAccount }, claim);
  if ("refused" in admitted) return { line: admitted.refused };
  const member = { ...admitted.member, ...(healthy !== undefined && { healthy }) };
  const made = memberEntry(group, member);
  if ("refused" in made) return { line: made.refused };
  const { name, labels, annotations } = made.entry.metadata;
  return { member, line: `${name} ${JSON.stringify({ labels, annotations, probe: probeOf(group) })}` };
}

/** What became of those who joined, as it stands in `out.yaml`. */
export function renderJoined(joined: readonly string[]): string {
  const lines = joined.map((line) => `  - ${line}\n`);
  return lines.length === 0 ? "" : `joined:\n${lines.join("")}`;
}

/** The problems of a case as they head its `out.yaml`: one line each, as `heddle check` says them. */
export function renderProblems(problems: readonly Problem[]): string {
  const lines = problems.map((problem) => `  - ${JSON.stringify(formatProblem(problem))}\n`);
  return lines.length === 0 ? "" : `problems:\n${lines.join("")}`;
}
