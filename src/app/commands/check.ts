import { Command, Option } from "commander";
import { byCodeUnit, formatProblem, type Level, type Problem } from "../../lib/index.ts";
import { buildSnapshot, clusterProblems } from "../../mesh/index.ts";
import { objectKey } from "../../model/index.ts";
import { readCluster } from "../check/cluster-objects.ts";
import { endedCertificates } from "../check/ended-certificates.ts";
import { messages, renderMessages, withRemedy } from "../check/messages.ts";
import { templateProblems } from "../check/pod-templates.ts";
import { isSuppressed, parseSuppression, suppressionsIn, type Suppression } from "../check/suppression.ts";
import { Failure } from "../failure.ts";
import { leftOutFilters } from "../left-out-filters.ts";
import { outputOption, print, type OutputFormat } from "../output.ts";
import { readMesh, type MeshInput } from "../read-mesh.ts";
import { readTexts } from "../../source/index.ts";

interface CheckFlags {
  readonly files?: string;
  readonly kubernetes?: boolean;
  readonly kubeconfig?: string;
  readonly podNamespace: string;
  readonly output: OutputFormat;
  readonly failOn: Level | "never";
  readonly suppress: readonly Suppression[];
  readonly listCodes?: boolean;
}

const examples = `
Examples:
  heddle check -f mesh                                   every problem of a directory, with file, line and field
  heddle check -f mesh --fail-on warning                 for a pipeline: exit status 1 on warnings too
  heddle check -f mesh -o json                           the same for programs
  heddle check -f mesh --suppress "IST0118=Service *.legacy"
  heddle check --kubernetes                              what a cluster holds
  heddle check --kubernetes -f new.yaml                  what it would hold with these files
  heddle check --list-codes                              every code, its level, and what to do

Warnings and infos of one object are hidden by its annotation galley.istio.io/analyze-suppress too: codes, or "*".
Exit status: 0 nothing found of the level of --fail-on, 1 something was, 2 the call or the machine is at fault.`;

/** `heddle check`: every problem of the input, with its line. Exit status 1 where one is as bad as `--fail-on` says. */
export function checkCommand(): Command {
  return new Command("check")
    .description("find the problems of a directory of YAML, or of a cluster, before they are met")
    .option("-f, --files <path>", "directory or file")
    .option("--kubernetes", "look at what the Kubernetes API holds; with --files, as it would be with them")
    .addOption(
      new Option("--kubeconfig <file>", "how to reach the API server; without it ~/.kube/config").env("KUBECONFIG"),
    )
    .addOption(
      new Option("--pod-namespace <name>", "namespace of Heddle's own objects")
        .env("POD_NAMESPACE")
        .default("heddle-system"),
    )
    .addOption(
      new Option("--fail-on <level>", "end with 1 on problems of this level and above")
        .choices(["error", "warning", "info", "never"])
        .default("error"),
    )
    .addOption(
      new Option("--suppress <problem>", 'CODE or "CODE=Kind name.namespace", * for any text; may be repeated')
        .argParser(parseSuppression)
        .default([], "none"),
    )
    .option("--list-codes", "print every code with its levels, its meaning and what to do")
    .addOption(outputOption())
    .addHelpText("after", examples)
    .action(async (flags: CheckFlags) => {
      if (flags.listCodes) return print(flags.output, messages, renderMessages);
      const { objects, problems: read } = await readInput(flags);
      const all = [...read, ...endedCertificates(objects, new Date())];
      const isUnwanted = suppressionsIn(objects);
      const shown = all.filter((problem) => !isSuppressed(problem, flags.suppress) && !isUnwanted(problem));
      const problems = shown.map(withRemedy).sort(byPlace);
      const summary = { objects: objects.length, suppressed: all.length - problems.length };
      print(flags.output, problems.map(flat), () => textOf(problems, summary));
      if (problems.some(({ level }) => isFailure(level, flags.failOn))) process.exitCode = 1;
    });
}

async function readInput(flags: CheckFlags): Promise<Pick<MeshInput, "objects" | "problems">> {
  const { files, kubernetes, kubeconfig, podNamespace } = flags;
  if (!kubernetes) {
    if (files === undefined) throw new Failure("say what to look at: --files DIR or --kubernetes");
    const { objects, snapshot, problems } = await readMesh(files);
    return { objects, problems: [...problems, ...leftOutFilters(snapshot), ...(await templatesIn(files))] };
  }
  const local = files === undefined ? undefined : await readMesh(files);
  const cluster = await readCluster(kubeconfig, podNamespace, (text) => process.stderr.write(`heddle: ${text}\n`));
  const replaced = new Set(local?.objects.map(objectKey));
  const kept = cluster.objects.filter((object) => !replaced.has(objectKey(object)));
  const objects = [...kept, ...(local?.objects ?? [])];
  const { snapshot, problems } = buildSnapshot(objects);
  const own = local?.ofObjects ?? [];
  const found = [...problems, ...clusterProblems(snapshot), ...leftOutFilters(snapshot)];
  const templates = files === undefined ? [] : await templatesIn(files);
  return { objects, problems: [...cluster.problems, ...own, ...found, ...templates] };
}

/** What Deployments and their like say of the pods that they will make. */
async function templatesIn(path: string): Promise<readonly Problem[]> {
  return [...(await readTexts(path))].flatMap(([file, text]) => templateProblems(text, file));
}

/** As somebody reads who mends one file after the other; what has no place of its own goes first. */
function byPlace({ position: a }: Problem, { position: b }: Problem): number {
  const files = byCodeUnit(a?.file ?? "", b?.file ?? "");
  return files || (a?.line ?? 0) - (b?.line ?? 0) || (a?.column ?? 0) - (b?.column ?? 0);
}

const ranks: Readonly<Record<Level | "never", number>> = { info: 0, warning: 1, error: 2, never: 3 };

function isFailure(level: Level, failOn: Level | "never"): boolean {
  return ranks[level] >= ranks[failOn];
}

function flat({ position, ...problem }: Problem): object {
  return { ...problem, ...position };
}

function textOf(
  problems: readonly Problem[],
  { objects, suppressed }: { objects: number; suppressed: number },
): string {
  const count = (level: Level): number => problems.filter((problem) => problem.level === level).length;
  const hidden = suppressed > 0 ? `, ${suppressed} suppressed` : "";
  const found = `${count("error")} errors, ${count("warning")} warnings, ${count("info")} infos${hidden}`;
  return [...problems.map(formatProblem), `${objects} objects read: ${found}`].join("\n");
}
