import { access } from "node:fs/promises";
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

/**
 * Puts the rules in force in a network namespace (or here), whatever of ours was there before. When IPv6 fails after IPv4
 * succeeded, both are taken away again: half an interception would be a hole. Rejects with CommandFailed.
 */
export async function applyInterception(rules: IptablesRules, namespace?: string): Promise<void> {
  try {
    for (const family of await familiesHere()) {
      await restore(family, namespace, (saved) => buildRestore(rules[family.version], saved));
    }
  } catch (error) {
    await cleanInterception(namespace).catch(() => undefined); // the first failure is the one to tell
    throw error;
  }
}

/** Takes away all our rules and nothing else; rejects with CommandFailed. */
export async function cleanInterception(namespace?: string): Promise<void> {
  for (const family of await familiesHere()) await restore(family, namespace, buildCleanup);
}
