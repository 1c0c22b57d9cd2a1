import { readFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { formatProblem } from "../../lib/index.ts";
import { memberName, type MemberClaim } from "../../mesh/index.ts";
import { buildBootstrap, dnsMetadata, type BootstrapOptions } from "../../node/index.ts";
import { Failure } from "../failure.ts";
import { runMember } from "../member/run-member.ts";
import { xdsServerName } from "../settings.ts";
import { executeEnvoy } from "../up/execute-envoy.ts";
import { envoyPath } from "../up/requirements.ts";
import { proxyFiles, writeProxyFiles } from "../up/sidecar.ts";

interface ProxyFlags {
  name?: string;
  workloadGroup?: string;
  network?: string;
  allowExecProbe?: boolean;
  namespace: string;
  serviceAccount: string;
  address?: string[];
  label?: Record<string, string>;
  locality?: string;
  controlPlane: { address: string; port: number };
  serverName: string;
  caFile: string;
  tokenFile: string;
  runDir: string;
  envoy: string;
  concurrency: string;
  envoyLogLevel: string;
  gateway?: boolean;
  dns?: boolean;
  sotw?: boolean;
  print?: boolean;
}

function hostAndPort(text: string): { address: string; port: number } {
  const colon = text.lastIndexOf(":");
  const port = Number(text.slice(colon + 1));
  if (colon < 1 || !Number.isInteger(port))
    throw new InvalidArgumentError("written as host:port, such as 10.0.0.1:15012");
  return { address: text.slice(0, colon).replace(/^\[(.*)\]$/, "$1"), port };
}

function addLabel(text: string, labels: Record<string, string> = {}): Record<string, string> {
  const equals = text.indexOf("=");
  if (equals < 1) throw new InvalidArgumentError("written as key=value");
  return { ...labels, [text.slice(0, equals)]: text.slice(equals + 1) };
}

/** The machine's own addresses, IPv4 first, without loopback and link-local ones. */
function ownAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const usable = all.filter(({ internal, address }) => !internal && !address.startsWith("fe80"));
  return [...usable.filter(({ family }) => family === "IPv4"), ...usable.filter(({ family }) => family === "IPv6")].map(
    (a) => a.address,
  );
}

/** What a workload says of itself when it joins a group. */
function claimOf(flags: ProxyFlags, group: string, [address = ""]: readonly string[]): MemberClaim {
  const { network = "", locality = "", label: labels = {} } = flags;
  return { group, address, network, locality, labels };
}

function bootstrapOptions(flags: ProxyFlags): BootstrapOptions {
  const [region, zone, subzone] = (flags.locality ?? "").split("/");
  const locality = region ? { region, ...(zone ? { zone } : {}), ...(subzone ? { subzone } : {}) } : undefined;
  const addresses = flags.address ?? ownAddresses();
  return {
    node: {
      type: flags.gateway ? "router" : "sidecar",
      name:
        flags.workloadGroup === undefined
          ? (flags.name ?? "")
          : memberName(claimOf(flags, flags.workloadGroup, addresses)),
      namespace: flags.namespace,
      serviceAccount: flags.serviceAccount,
      addresses,
      labels: flags.label ?? {},
      ...(locality ? { locality } : {}),
      ...(flags.dns ? { metadata: dnsMetadata } : {}),
    },
    controlPlane: { ...flags.controlPlane, serverName: flags.serverName },
    files: { ...proxyFiles(resolve(flags.runDir)), caFile: resolve(flags.caFile), tokenFile: resolve(flags.tokenFile) },
    protocol: flags.sotw ? "GRPC" : "DELTA_GRPC",
  };
}

async function runProxy(flags: ProxyFlags): Promise<void> {
  if (flags.name === undefined && flags.workloadGroup === undefined)
    throw new Failure("say which workload: --name NAME, or --workload-group GROUP for one that joins a WorkloadGroup");
  const options = bootstrapOptions(flags);
  const { value, problems } = buildBootstrap(options);
  if (!value) throw new Failure(problems.map(formatProblem).join("\n"), 1);
  if (flags.print) {
    process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
    return;
  }
  for (const file of [options.files.caFile, options.files.tokenFile]) {
    await readFile(file).catch((error: Error) => {
      throw new Failure(`cannot read ${file}: ${error.message}`);
    });
  }
  const bootstrap = await writeProxyFiles(resolve(flags.runDir), value, options.files);
  const { envoy, concurrency, envoyLogLevel: logLevel, workloadGroup, allowExecProbe: allowExec = false } = flags;
  if (workloadGroup === undefined) return executeEnvoy(envoy, bootstrap, { concurrency, logLevel });
  const claim = claimOf(flags, workloadGroup, options.node.addresses);
  const { controlPlane, files } = options;
  const member = { controlPlane, caFile: files.caFile, tokenFile: files.tokenFile, claim };
  process.exitCode = await runMember({ ...member, envoy, bootstrap, concurrency, logLevel, allowExec });
}

const gatewayHelp = `
A gateway binds its ports itself. Those below 1024 need root or the capability: setcap cap_net_bind_service=+ep ENVOY,
or a Service (in Kubernetes) that leads port 80 to 8080. Secrets that Gateways name go only to a workload that the mesh
knows by a Pod or WorkloadEntry with these labels, and only from its own namespace.

A workload of a WorkloadGroup is no Pod and has no WorkloadEntry yet: it gets one, GROUP-ADDRESS, for as long as it runs. Its
token must be for the group's namespace and service account. SIGTERM takes the entry away, then ends Envoy.`;

/**
 * `heddle proxy`: writes an Envoy bootstrap and becomes that Envoy; with a workload group it stays, as Envoy's parent. Whoever replaces the token or the roots by renaming a file
 * into their place is noticed. Run it as the user that `heddle iptables` exempts (1337).
 */
export function proxyCommand(): Command {
  return new Command("proxy")
    .description("run a sidecar or a gateway: write an Envoy bootstrap and become Envoy")
    .option("--name <name>", "name of the workload (of its Pod or WorkloadEntry)")
    .addOption(
      new Option("--workload-group <name>", "join this WorkloadGroup, and run its probe, instead").conflicts([
        "name",
        "gateway",
      ]),
    )
    .option("--network <name>", "with --workload-group: the network its address is in")
    .option("--allow-exec-probe", "with --workload-group: run the command that the group's probe may be")
    .option("-n, --namespace <namespace>", "its namespace", "default")
    .option("-s, --service-account <name>", "its service account", "default")
    .option("--address <ip...>", "its addresses (default: this machine's)")
    .option("--label <key=value>", "a label; may be given more than once", addLabel)
    .option("--locality <region/zone/subzone>", "where it runs")
    .requiredOption("--control-plane <host:port>", "the xDS server", hostAndPort)
    .option("--server-name <name>", "the name its certificate must carry", xdsServerName)
    .requiredOption("--ca-file <file>", "roots that sign its certificate, PEM")
    .requiredOption("--token-file <file>", "the token that proves who the workload is")
    .option("--run-dir <dir>", "where the bootstrap is written", "/run/heddle-proxy")
    .option("--envoy <file>", "the Envoy binary", envoyPath())
    .option("--concurrency <n>", "worker threads", "2")
    .option("--envoy-log-level <level>", "how much Envoy logs", "warning")
    .option("--gateway", "run a gateway: listen where the Gateways say that select its labels; intercept nothing")
    .option("--dns", "answer DNS of mesh names on port 15053; `heddle iptables apply --dns '*'` leads queries there")
    .option("--sotw", "state-of-the-world xDS instead of delta")
    .option("--print", "show the bootstrap and stop")
    .addHelpText("after", gatewayHelp)
    .action(runProxy);
}
