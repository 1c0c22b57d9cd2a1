import { readFile } from "node:fs/promises";
import { text as textOf } from "node:stream/consumers";
import { Command, Option } from "commander";
import { formatProblem } from "../../lib/index.ts";
import { defaultInjectionSettings, parseInjectionSettings, type InjectionSettings } from "../../node/index.ts";
import { Failure } from "../failure.ts";
import { injectManifests } from "../inject-manifests.ts";

interface InjectFlags {
  file: string;
  namespace: string;
  settings?: string;
  image?: string;
  proxyImage?: string;
  revision?: string;
  nativeSidecars?: InjectionSettings["nativeSidecars"];
}

async function settingsFrom(flags: InjectFlags): Promise<InjectionSettings> {
  const { image, proxyImage, revision, nativeSidecars, settings: file } = flags;
  const text = file === undefined ? undefined : await readFile(file, "utf8").catch(failToRead(file));
  const { value, problems } = parseInjectionSettings(text, file ?? "settings", defaultInjectionSettings);
  if (!value) throw new Failure(problems.map(formatProblem).join("\n"), 1);
  return {
    ...value,
    ...(image === undefined ? {} : { image }),
    ...(proxyImage === undefined ? {} : { proxyImage }),
    ...(revision === undefined ? {} : { revision }),
    ...(nativeSidecars === undefined ? {} : { nativeSidecars }),
  };
}

function failToRead(file: string) {
  return (error: Error): never => {
    throw new Failure(`cannot read ${file}: ${error.message}`);
  };
}

async function runInject(flags: InjectFlags): Promise<void> {
  const settings = await settingsFrom(flags);
  const isInput = flags.file === "-";
  const text = isInput ? await textOf(process.stdin) : await readFile(flags.file, "utf8").catch(failToRead(flags.file));
  const name = isInput ? "(standard input)" : flags.file;
  const { output, problems } = injectManifests(text, name, { settings, namespace: flags.namespace });
  for (const problem of problems) process.stderr.write(`${formatProblem(problem)}\n`);
  if (problems.some(({ level }) => level === "error")) {
    process.exitCode = 1; // half an output would be applied by the pipe's next command
    return;
  }
  process.stdout.write(output);
}

/** `heddle inject`: what the webhook does, on files. Workloads get a sidecar, everything else passes as it stands. */
export function injectCommand(): Command {
  return new Command("inject")
    .description("put sidecars into the workloads of Kubernetes YAML, as the webhook does in a cluster")
    .requiredOption("-f, --file <file>", "the YAML; - for standard input")
    .option("-n, --namespace <name>", "namespace of what names none", "default")
    .option("--settings <file>", "injection settings (the text of key `injection` of ConfigMap heddle)")
    .option("--image <image>", "Heddle's own image, for the init container")
    .option("--proxy-image <image>", "the Envoy image")
    .option("--revision <name>", "the istio.io/rev that is ours")
    .addOption(
      new Option("--native-sidecars <when>", "sidecars as init containers that go on").choices([
        "auto",
        "true",
        "false",
      ]),
    )
    .addHelpText(
      "after",
      `
Pods, Deployments, StatefulSets, DaemonSets, ReplicaSets, ReplicationControllers, Jobs and CronJobs get a sidecar unless they are
on the host's network or say no (label sidecar.istio.io/inject: "false"). Everything else passes as it stands, byte for byte.
Where one document has an error, nothing is printed and the exit status is 1.

  heddle inject -f deployment.yaml | kubectl apply -f -`,
    )
    .action(runInject);
}
