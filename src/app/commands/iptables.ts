import { Command, InvalidArgumentError } from "commander";
import { formatProblem } from "../../lib/index.ts";
import { buildIptablesRules, type IptablesOptions, type IptablesRules } from "../../node/index.ts";
import { Failure } from "../failure.ts";
import { applyInterception, cleanInterception } from "../up/interception.ts";

interface IptablesFlags {
  proxyUid: number[];
  proxyGid: number[];
  inboundPorts: "*" | number[];
  excludeInboundPorts?: number[];
  outboundCidrs: "*" | string[];
  excludeOutboundCidrs?: string[];
  outboundPorts?: "*" | number[];
  excludeOutboundPorts?: number[];
  excludeInterfaces?: string[];
  dns?: "*" | string[];
  netns?: string;
}

function words(text: string): string[] {
  return text
    .split(",")
    .map((word) => word.trim())
    .filter(Boolean);
}

function numbers(text: string): number[] {
  return words(text).map((word) => {
    if (!/^\d{1,10}$/.test(word)) throw new InvalidArgumentError(`not a number: ${word}`);
    return Number(word);
  });
}

const orAll =
  <T>(parse: (text: string) => T) =>
  (text: string): T | "*" =>
    text.trim() === "*" ? "*" : parse(text);

function optionsFrom(flags: IptablesFlags): IptablesOptions {
  return {
    proxyUids: flags.proxyUid,
    proxyGids: flags.proxyGid,
    includeInboundPorts: flags.inboundPorts,
    includeOutboundCidrs: flags.outboundCidrs,
    ...(flags.excludeInboundPorts ? { excludeInboundPorts: flags.excludeInboundPorts } : {}),
    ...(flags.excludeOutboundCidrs ? { excludeOutboundCidrs: flags.excludeOutboundCidrs } : {}),
    ...(flags.outboundPorts ? { includeOutboundPorts: flags.outboundPorts } : {}),
    ...(flags.excludeOutboundPorts ? { excludeOutboundPorts: flags.excludeOutboundPorts } : {}),
    ...(flags.excludeInterfaces ? { excludeInterfaces: flags.excludeInterfaces } : {}),
    ...(flags.dns ? { dnsServers: flags.dns } : {}),
  };
}

function rulesFrom(flags: IptablesFlags): IptablesRules {
  const { value, problems } = buildIptablesRules(optionsFrom(flags));
  if (!value) throw new Failure(problems.map(formatProblem).join("\n"), 1);
  return value;
}

function withRuleOptions(command: Command): Command {
  return command
    .option("-u, --proxy-uid <ids>", "users whose traffic is the proxy's own", numbers, [1337])
    .option("-g, --proxy-gid <ids>", "groups whose traffic is the proxy's own", numbers, [1337])
    .option("-b, --inbound-ports <ports>", "ports to take over, or *", orAll(numbers), "*")
    .option("-d, --exclude-inbound-ports <ports>", "ports to leave alone", numbers)
    .option("-i, --outbound-cidrs <cidrs>", "destinations to take over, or *", orAll(words), "*")
    .option("-x, --exclude-outbound-cidrs <cidrs>", "destinations to leave alone", words)
    .option("-q, --outbound-ports <ports>", "ports to take over whatever the destination, or *", orAll(numbers))
    .option("-o, --exclude-outbound-ports <ports>", "destination ports to leave alone", numbers)
    .option("-c, --exclude-interfaces <names>", "interfaces to leave alone", words)
    .option("--dns <servers>", "send DNS queries to these servers, or *, to the proxy's port 15053", orAll(words));
}

function withNamespace(command: Command): Command {
  return command.option("--netns <name>", "in this network namespace (of ip netns) instead of the present one");
}

/**
 * `heddle iptables apply|clean|print`: leads a machine's, container's or namespace's traffic into its proxy, as Istio's init
 * container does. Lists are separated by commas.
 */
export function iptablesCommand(): Command {
  const apply = withNamespace(
    withRuleOptions(new Command("apply").description("put the rules in force; again is the same as once")),
  );
  apply.action(async (flags: IptablesFlags) => applyInterception(rulesFrom(flags), flags.netns));

  const clean = withNamespace(new Command("clean").description("take all rules of ours away, and nothing else"));
  clean.action(async (flags: { netns?: string }) => cleanInterception(flags.netns));

  const print = withRuleOptions(new Command("print").description("show the rules as iptables-restore reads them"));
  print.action((flags: IptablesFlags) => {
    const { v4, v6 } = rulesFrom(flags);
    process.stdout.write(`# iptables-restore --noflush\n${v4}# ip6tables-restore --noflush\n${v6}`);
  });

  const command = new Command("iptables").description("lead a workload's traffic into its proxy");
  for (const sub of [apply, clean, print]) command.addCommand(sub);
  return command;
}
