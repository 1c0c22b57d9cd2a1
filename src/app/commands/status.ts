import { Command } from "commander";
import { formatProblem, type Problem } from "../../lib/index.ts";
import { adminClient, adminOptions, valueOf, type AdminFlags } from "../admin.ts";
import { outputOption, print, table, type OutputFormat } from "../output.ts";

type Proxies = Awaited<ReturnType<Awaited<ReturnType<typeof adminClient>>["proxies"]>>;
type Proxy = Extract<Proxies, { value: unknown }>["value"][number];
type Refused = Awaited<ReturnType<Awaited<ReturnType<typeof adminClient>>["refused"]>>;
type Caller = Extract<Refused, { value: unknown }>["value"][number];

const columns = ["cds", "lds", "eds", "rds", "vhds", "sds"];

/**
 * `heddle status`: every connected proxy, what it has acknowledged, what it refused and whose fault that is; and who would be one and was
 * not let in. Exit status 1 where a proxy refuses something.
 */
export function statusCommand(): Command {
  const command = new Command("status")
    .description("connected proxies: what they hold, and what they refused")
    .addOption(outputOption());
  for (const option of adminOptions()) command.addOption(option);
  return command.action(async (flags: AdminFlags & { output: OutputFormat }) => {
    const client = await adminClient(flags);
    const proxies = valueOf(await client.proxies());
    const refused = valueOf(await client.refused());
    const problems = valueOf(await client.problems());
    print(flags.output, { proxies, refused, problems }, () => textOf(proxies, refused, problems, Date.now()));
    if (proxies.some(({ nacks }) => nacks.length > 0)) process.exitCode = 1;
  });
}

function textOf(
  proxies: readonly Proxy[],
  refused: readonly Caller[],
  problems: readonly Problem[],
  now: number,
): string {
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
  if (refused.length > 0) parts.push(refused.map((caller) => callerText(caller, now)).join("\n"));
  if (problems.length > 0) parts.push(problems.map(formatProblem).join("\n"));
  return parts.join("\n\n");
}

/** `not let in: router~10.0.0.1~edge.shop~..., as shop/edge, from 10.0.0.1:5000, 3 times, last 8 s ago: <why>`. */
function callerText({ node, identity, address, attempts, at, reason }: Caller, now: number): string {
  const who = [
    ...(node === undefined ? [] : [node]),
    ...(identity === undefined ? [] : [`as ${identity}`]),
    `from ${address}`,
  ];
  const often = attempts === 1 ? "once" : `${attempts} times`;
  return `not let in: ${who.join(", ")}, ${often}, last ${Math.max(0, Math.round((now - at) / 1_000))} s ago: ${reason}`;
}

/** `reviews-v1.default refused cds outbound|80||x: <Envoy's words>`, then where it came from. */
export function nackText(nack: Proxy["nacks"][number]): string {
  const from = nack.provenance.map((line) => `\n  from ${line}`).join("");
  return `${nack.proxy} refused ${nack.type} ${nack.resources.join(", ")}: ${nack.message}${from}`;
}
