import { homedir, networkInterfaces } from "node:os";
import { join } from "node:path";
import { InvalidArgumentError, Option } from "commander";
import { parseDuration } from "../model/index.ts";

/** What every control plane is started with. Every setting is a flag of `heddle serve`, printed at start. */
export interface ServingSettings {
  readonly xdsAddress: string; // several with commas between
  readonly xdsPort: number;
  readonly xdsServerName: string[]; // DNS names and IPs of the xDS certificate
  readonly adminPort: number;
  readonly stateDir: string;
  readonly trustDomain: string;
  readonly certificateLifetime: number; // of a workload, in milliseconds
  readonly vhds: boolean;
  readonly logLevel: string;
}

/** One whose policy is in a directory: `heddle serve -f` and `heddle up`. */
export interface Settings extends ServingSettings {
  readonly files: string; // directory of YAML
  readonly caDir?: string; // a plugged-in CA: ca-cert.pem, ca-key.pem, root-cert.pem, cert-chain.pem
}

/** `/var/lib/heddle` for root, else `~/.local/state/heddle`. */
export function defaultStateDir(): string {
  return process.getuid?.() === 0 ? "/var/lib/heddle" : join(homedir(), ".local/state/heddle");
}

/** All addresses of this machine; `::` takes IPv4 too, but not on every machine. */
export const anyAddress = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ family, internal, scopeid }) => family === "IPv6" && !internal && scopeid === 0),
)
  ? "::"
  : "0.0.0.0";

/** The name every xDS certificate of ours carries, and every bootstrap of ours asks for. */
export const xdsServerName = "heddle.heddle-system.svc";

export function stateDirOption(): Option {
  return new Option("--state-dir <dir>", "where the server keeps its CA and its admin token")
    .env("HEDDLE_STATE_DIR")
    .default(defaultStateDir());
}

/** Where the policy is. */
export function filesOption(): Option {
  return new Option("-f, --files <dir>", "directory of YAML: mesh policy, services and workloads");
}

/** The flags that `serve` and `up` share. */
export function serverOptions(): readonly Option[] {
  return [
    new Option("--xds-address <ip>", "address the xDS server listens on; several with commas between").default(
      anyAddress,
    ),
    new Option("--xds-port <port>", "port of the xDS server (TLS)").default(15012).argParser(parsePort),
    new Option("--xds-name <name...>", "further DNS names or IPs for the xDS server's certificate").default([]),
    new Option("--admin-port <port>", "port of the admin API, on loopback").default(15080).argParser(parsePort),
    stateDirOption(),
    new Option("--ca-dir <dir>", "your own CA: ca-cert.pem, ca-key.pem, root-cert.pem and, if any, cert-chain.pem"),
    new Option("--trust-domain <domain>", "SPIFFE trust domain; must equal MeshConfig.trustDomain").default(
      "cluster.local",
    ),
    new Option("--certificate-lifetime <duration>", "how long a workload's certificate is valid; it is renewed halfway")
      .env("HEDDLE_CERTIFICATE_LIFETIME")
      .argParser(parseLifetime)
      .default(24 * 3_600_000, "24h"),
    new Option("--no-vhds", "send whole route configurations instead of single virtual hosts on delta streams"),
    new Option("--log-level <level>", "how much to log")
      .choices(["trace", "debug", "info", "warn", "error", "silent"])
      .default("info"),
  ];
}

/** What `serverOptions` yield. */
export interface ServerFlags {
  xdsAddress: string;
  xdsPort: number;
  xdsName: string[];
  adminPort: number;
  stateDir: string;
  caDir?: string;
  trustDomain: string;
  certificateLifetime: number;
  vhds: boolean;
  logLevel: string;
}

/** The settings that the flags of `serverOptions` and `filesOption` say. */
export function settingsFrom({ xdsName, ...rest }: ServerFlags & { files: string }): Settings {
  return { ...rest, xdsServerName: [xdsServerName, "localhost", "127.0.0.1", ...xdsName] };
}

export function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new InvalidArgumentError("a port is a number from 0 to 65535");
  return port;
}

/** Milliseconds, as the CA takes them: https://istio.io/latest/docs/reference/commands/pilot-discovery/#envvars (DEFAULT_WORKLOAD_CERT_TTL) */
function parseLifetime(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms < 1_000 || ms > 90 * 24 * 3_600_000)
    throw new InvalidArgumentError("a lifetime is a duration such as 24h, from 1s to 90 days");
  return ms;
}
