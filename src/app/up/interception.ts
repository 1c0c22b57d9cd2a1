import { access } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { buildCleanup, buildRestore, type IptablesRules } from "../../node/index.ts";
import { run } from "./command.ts";

const families = [
  { save: "iptables-save", restore: "iptables-restore", version: "v4" },
  { save: "ip6tables-save", restore: "ip6tables-restore", version: "v6" },
] as const;

type Family = (typeof families)[number];

function enter(namespace: string | undefined): string[] {
  return namespace === undefined ? [] : ["ip", "netns", "exec", namespace];
}

async function familiesHere(): Promise<readonly Family[]> {
  const hasIPv6 = await access("/proc/sys/net/ipv6").then(
    () => true,
    () => false,
  );
  return families.filter(({ version }) => version === "v4" || hasIPv6);
}

async function restore(
  family: Family,
  namespace: string | undefined,
  textFor: (saved: string) => string,
): Promise<void> {
  const saved = await run([...enter(namespace), family.save]);
  const text = textFor(saved);
  if (text) await run([...enter(namespace), family.restore, "--noflush", "--wait", "5"], text);
}

/** From where Envoy calls its app by IPv6, so that the rules let it through; the counterpart, 127.0.0.6, is there without being made. */
const source6 = "::6/128";

/** Whether an IPv6 address of ours can be called at all, apart from loopback: in a namespace of `heddle up` they are put before. */
function speaksIPv6(): boolean {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.some(({ family, internal, address }) => family === "IPv6" && !internal && !address.startsWith("fe80"));
}

/** As Istio's init container does; again is the same as once. Without `ip` it is passed over where nobody can call by IPv6. */
async function changeSource6(namespace: string | undefined, change: "replace" | "delete"): Promise<void> {
  const ip = ["ip", ...(namespace === undefined ? [] : ["-netns", namespace]), "-6", "addr"];
  try {
    const shown = await run([...ip, "show", "dev", "lo"]);
    const isThere = shown.includes(source6);
    if (!shown.includes("inet6") || isThere === (change === "replace")) return;
    await run([...ip, change, source6, "dev", "lo"]);
  } catch (error) {
    if (change === "replace" && (namespace !== undefined || speaksIPv6())) throw error;
  }
}

/**
 * Puts the rules in force in a network namespace (or here), whatever of ours was there before. When IPv6 fails after IPv4
 * succeeded, both are taken away again: half an interception would be a hole. Rejects with CommandFailed.
 */
export async function applyInterception(rules: IptablesRules, namespace?: string): Promise<void> {
  try {
    for (const family of await familiesHere()) {
      await restore(family, namespace, (saved) => buildRestore(rules[family.version], saved));
    }
    await changeSource6(namespace, "replace");
  } catch (error) {
    await cleanInterception(namespace).catch(() => undefined); // the first failure is the one to tell
    throw error;
  }
}

/** Takes away all our rules and nothing else; rejects with CommandFailed. */
export async function cleanInterception(namespace?: string): Promise<void> {
  for (const family of await familiesHere()) await restore(family, namespace, buildCleanup);
  await changeSource6(namespace, "delete");
}
