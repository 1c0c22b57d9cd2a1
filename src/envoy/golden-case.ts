import { parse } from "yaml";
import { formatProblem, type Problem } from "../lib/index.ts";
import { buildSnapshot, viewFor, type Proxy, type ProxyView, type Snapshot } from "../mesh/index.ts";
import { parseDocuments, splitDocuments } from "../model/index.ts";

/** One case of testdata: who asks, and what the mesh is then. */
export interface GoldenCase {
  readonly proxy: Proxy;
  readonly snapshot: Snapshot;
  readonly view: ProxyView;
  readonly problems: readonly Problem[];
}

interface Asker extends Partial<Proxy> {
  readonly ip?: string;
}

const here = { region: "", zone: "", subzone: "" };

/**
 * Reads an `in.yaml`: a first document `proxy: {name, namespace, labels, serviceAccount, ip | addresses, locality, metadata}`, all of
 * them optional, then ordinary YAML. `order` says how the documents of the mesh are dealt; lines keep their numbers in the given order only.
 */
export function parseCase(
  text: string,
  order: (documents: string[]) => string[] = (documents) => documents,
): GoldenCase {
  const [first, ...rest] = splitDocuments(text);
  const { proxy: asker = {} } = parse(first?.text ?? "") as { proxy?: Asker };
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
  const { snapshot, problems } = buildSnapshot(parsed.objects);
  return { proxy, snapshot, view: viewFor(snapshot, proxy), problems: [...parsed.problems, ...problems] };
}

/** The problems of a case as they head its `out.yaml`: one line each, as `heddle check` says them. */
export function renderProblems(problems: readonly Problem[]): string {
  const lines = problems.map((problem) => `  - ${JSON.stringify(formatProblem(problem))}\n`);
  return lines.length === 0 ? "" : `problems:\n${lines.join("")}`;
}
