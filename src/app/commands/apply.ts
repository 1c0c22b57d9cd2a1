import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { text } from "node:stream/consumers";
import { Command } from "commander";
import { formatProblem } from "../../lib/index.ts";
import { parseDuration } from "../../model/index.ts";
import { adminClient, adminOptions, valueOf, type AdminFlags } from "../admin.ts";
import { Failure } from "../failure.ts";
import { outputOption, print, type OutputFormat } from "../output.ts";
import { nackText } from "./status.ts";

interface ApplyFlags extends AdminFlags {
  file: string;
  wait?: boolean;
  timeout: string;
  output: OutputFormat;
}

type Client = Awaited<ReturnType<typeof adminClient>>;
type Report = Extract<Awaited<ReturnType<Client["apply"]>>, { value: unknown }>["value"];

/** `heddle apply -f FILE --wait`: exit status 1 where the policy has errors, an Envoy refused it, or the time ran out. */
export function applyCommand(): Command {
  const command = new Command("apply")
    .description("write policy into the server's directory and say when it is live")
    .requiredOption("-f, --file <file>", "YAML or JSON; - for standard input")
    .option("-w, --wait", "return when every connected Envoy has acknowledged it")
    .option("--timeout <duration>", "how long to wait", "30s")
    .addOption(outputOption());
  for (const option of adminOptions()) command.addOption(option);
  return command.action(async (flags: ApplyFlags) => {
    const timeoutMs = parseDuration(flags.timeout);
    if (timeoutMs === undefined || timeoutMs <= 0)
      throw new Failure(`--timeout ${flags.timeout}: a duration such as 30s is expected`);
    const policy = await readInput(flags.file);
    const client = await adminClient(flags);
    const file = flags.file === "-" ? "stdin" : basename(flags.file).replace(/^\.+/, "") || "input";
    const report = valueOf(await client.apply(policy, { file, ...(flags.wait ? { waitMs: timeoutMs } : {}) }));
    print(flags.output, report, () => textOf(report));
    const { live } = report;
    if (!report.written || (live && live.nacks.length + live.pending.length > 0)) process.exitCode = 1;
  });
}

async function readInput(file: string): Promise<string> {
  try {
    return file === "-" ? await text(process.stdin) : await readFile(file, "utf8");
  } catch (error) {
    throw new Failure(`${file}: cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`);
  }
}

function textOf({ written, live, problems, revision }: Report): string {
  const lines = problems.map(formatProblem);
  if (!written) return [...lines, "nothing was written"].join("\n");
  if (!live) return [...lines, `written, revision ${revision}`].join("\n");
  lines.push(...live.nacks.map(nackText));
  if (live.pending.length > 0) lines.push(`not acknowledged in time by ${live.pending.join(", ")}`);
  const all = live.proxies.length + live.pending.length + new Set(live.nacks.map(({ proxy }) => proxy)).size;
  lines.push(`live in ${live.proxies.length} of ${all} Envoys after ${live.ms} ms`);
  return lines.join("\n");
}
