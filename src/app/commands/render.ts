import { readFile } from "node:fs/promises";
import { Command, Option } from "commander";
import { buildResources, renderJson, renderText } from "../../envoy/index.ts";
import { formatProblem } from "../../lib/index.ts";
import { viewFor, type Proxy, type Snapshot } from "../../mesh/index.ts";
import { Failure } from "../failure.ts";
import { readMesh } from "../read-mesh.ts";

interface RenderFlags {
  files: string;
  proxy?: string;
  proxyFile?: string;
  output: "text" | "json";
}

/** `heddle render`: what one sidecar would be served, without a server. */
export function renderCommand(): Command {
  return new Command("render")
    .description("show the Envoy resources that a sidecar would be served")
    .requiredOption("-f, --files <path>", "directory or file")
    .addOption(new Option("-p, --proxy <name.namespace>", "a Pod or WorkloadEntry of the input").conflicts("proxyFile"))
    .option("--proxy-file <file>", "JSON with type, name, namespace, ip, labels, serviceAccount, metadata")
    .addOption(
      new Option("-o, --output <format>", "text: as the golden files; json: every resource in proto JSON")
        .choices(["text", "json"])
        .default("text"),
    )
    .action(async (flags: RenderFlags) => {
      const { snapshot, problems } = await readMesh(flags.files);
      for (const problem of problems)
        if (problem.level === "error") process.stderr.write(`${formatProblem(problem)}\n`);
      const proxy = await proxyOf(flags, snapshot);
      const resources = buildResources(viewFor(snapshot, proxy), { vhds: false });
      process.stdout.write(
        flags.output === "json" ? `${JSON.stringify(renderJson(resources), null, 2)}\n` : renderText(resources),
      );
      if (problems.some((problem) => problem.level === "error")) process.exitCode = 1;
    });
}

async function proxyOf(flags: RenderFlags, snapshot: Snapshot): Promise<Proxy> {
  if (flags.proxyFile !== undefined) return proxyFromFile(flags.proxyFile);
  if (flags.proxy === undefined) throw new Failure("say which sidecar: --proxy NAME.NAMESPACE or --proxy-file FILE");
  const workload = snapshot.workloads.get(flags.proxy);
  if (!workload) {
    const known = [...snapshot.workloads.keys()].sort().slice(0, 20).join(", ");
    throw new Failure(`no Pod or WorkloadEntry ${flags.proxy} in the input${known ? `; there are ${known}` : ""}`, 1);
  }
  const { name, namespace, serviceAccount, addresses, labels, locality } = workload;
  return { type: "sidecar", name, namespace, serviceAccount, addresses, labels, locality, metadata: {} };
}

async function proxyFromFile(file: string): Promise<Proxy> {
  const text = await readFile(file, "utf8").catch(() => {
    throw new Failure(`${file}: cannot be read`);
  });
  const raw = parseJson(file, text);
  const name = textField(file, raw, "name");
  const namespace = textField(file, raw, "namespace");
  const type = raw["type"] ?? "sidecar";
  if (type !== "sidecar" && type !== "router") throw new Failure(`${file}: type: "sidecar" or "router"`, 1);
  return {
    type,
    name,
    namespace,
    serviceAccount: raw["serviceAccount"] === undefined ? "default" : textField(file, raw, "serviceAccount"),
    addresses: raw["ip"] === undefined ? [] : [textField(file, raw, "ip")],
    labels: textsField(file, raw, "labels"),
    locality: { region: "", zone: "", subzone: "" },
    metadata: mapField(file, raw, "metadata"),
  };
}

function parseJson(file: string, text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return value;
  } catch (error) {
    throw new Failure(`${file}: ${error instanceof Error ? error.message : "not JSON"}`, 1);
  }
  throw new Failure(`${file}: a JSON object with name and namespace is expected`, 1);
}

function textField(file: string, raw: Record<string, unknown>, field: string): string {
  const value = raw[field];
  if (typeof value !== "string" || value === "") throw new Failure(`${file}: ${field}: a text is expected`, 1);
  return value;
}

function mapField(file: string, raw: Record<string, unknown>, field: string): Record<string, unknown> {
  const value = raw[field] ?? {};
  if (!isRecord(value)) throw new Failure(`${file}: ${field}: an object is expected`, 1);
  return value;
}

function textsField(file: string, raw: Record<string, unknown>, field: string): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(mapField(file, raw, field))) {
    if (typeof value !== "string") throw new Failure(`${file}: ${field}.${name}: a text is expected`, 1);
    texts[name] = value;
  }
  return texts;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
