import { Command } from "commander";
import { formatProblem, type Problem } from "../../lib/index.ts";
import { adminClient, adminOptions, valueOf, type AdminFlags } from "../admin.ts";
import { outputOption, print, table, type OutputFormat } from "../output.ts";

type Proxies = Awaited<ReturnType<Awaited<ReturnType<typeof adminClient>>["proxies"]>>;
type Proxy = Extract<Proxies, { value: unknown }>["value"][number];

const columns = ["cds", "lds", "eds", "rds", "vhds", "sds"];

/** `heddle status`: every connected proxy, what it has acknowledged, what it refused and whose fault that is. Exit status 1 on a refusal. */
export function statusCommand(): Command {
  const command = new Command("status")
    .description("connected proxies: what they hold, and what they refused")
    .addOption(outputOption());
  for (const option of adminOptions()) command.addOption(option);
  return command.action(async (flags: AdminFlags & { output: OutputFormat }) => {
    const client = await adminClient(flags);
    const proxies = valueOf(await client.proxies());
    const problems = valueOf(await client.problems());
    print(flags.output, { proxies, problems }, () => textOf(proxies, problems));
    if (proxies.some(({ nacks }) => nacks.length > 0)) process.exitCode = 1;
  });
}

function textOf(proxies: readonly Proxy[], problems: readonly Problem[]): string {
  const rows = proxies.map(({ name, identity, state, types }) => {
    const states = columns.map((column) => types.find(({ type }) => type === column)?.state ?? "-");
    return [name, state, ...states, identity];
  });
  const parts = [
    rows.length > 0
      ? table(["PROXY", "STATE", ...columns.map((name) => name.toUpperCase()), "IDENTITY"], rows)
      : "no proxy is connected",
  ];
  const warnings = proxies.flatMap(({ name, warnings = [] }) => warnings.map((warning) => `${name}: ${warning}`));
  if (warnings.length > 0) parts.push(warnings.join("\n"));
  const nacks = proxies.flatMap((proxy) => proxy.nacks).map(nackText);
  if (nacks.length > 0) parts.push(nacks.join("\n"));
  if (problems.length > 0) parts.push(problems.map(formatProblem).join("\n"));
  return parts.join("\n\n");
}

/** `reviews-v1.default refused cds outbound|80||x: <Envoy's words>`, then where it came from. */
export function nackText(nack: Proxy["nacks"][number]): string {
  const from = nack.provenance.map((line) => `\n  from ${line}`).join("");
  return `${nack.proxy} refused ${nack.type} ${nack.resources.join(", ")}: ${nack.message}${from}`;
}
