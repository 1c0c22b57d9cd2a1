import { access, constants, readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { Failure } from "../failure.ts";

const programs = [
  ["ip", "iproute2"],
  ["iptables-restore", "iptables"],
  ["setpriv", "util-linux"],
] as const;

const netAdmin = 1n << 12n;
const sysAdmin = 1n << 21n;

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function isInPath(program: string): Promise<boolean> {
  const folders = [...(process.env["PATH"] ?? "").split(":"), "/usr/sbin", "/sbin"].filter(Boolean);
  for (const folder of folders) if (await isExecutable(join(folder, program))) return true;
  return false;
}

async function missingCapabilities(): Promise<boolean> {
  const status = await readFile("/proc/self/status", "utf8").catch(() => "");
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? "0"}`);
  return (effective & netAdmin) === 0n || (effective & sysAdmin) === 0n;
}

/** Says at once, and all at once, what this machine lacks to run a mesh. Rejects with Failure. */
export async function requireMachine(envoy: string): Promise<void> {
  const missing: string[] = [];
  if (process.platform !== "linux") missing.push("Linux: network namespaces exist nowhere else");
  else if (await missingCapabilities()) {
    missing.push("root (CAP_NET_ADMIN and CAP_SYS_ADMIN): namespaces, addresses and iptables rules need it; try sudo");
  }
  for (const [program, debianPackage] of programs) {
    if (!(await isInPath(program))) missing.push(`${program}: apt-get install ${debianPackage}`);
  }
  if (!(await isExecutable(envoy))) {
    missing.push(`Envoy at ${envoy}: run scripts/fetch-envoy.sh, or set HEDDLE_ENVOY to an Envoy 1.40 binary`);
  }
  if (missing.length > 0)
    throw new Failure(`cannot run a mesh here; missing:\n${missing.map((text) => `  - ${text}`).join("\n")}`);
}

/** The Envoy to run: HEDDLE_ENVOY, else what scripts/fetch-envoy.sh installed beside the program: the one that runs, if none is named. */
export function envoyPath(programDir: string = dirname(dirname(resolve(process.argv[1] ?? ".")))): string {
  return process.env["HEDDLE_ENVOY"] || join(programDir, ".cache", "envoy", "envoy");
}
