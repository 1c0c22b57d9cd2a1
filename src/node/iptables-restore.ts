/** Pure text work on what `iptables-save` prints: what of it is ours, and how to replace or remove exactly that. */

const ownChain = /^ISTIO_(INBOUND|REDIRECT|IN_REDIRECT|OUTPUT|OUTPUT_DNS)$/;
const jumpToOwn = /^-A (PREROUTING|OUTPUT) (.* )?-j (ISTIO_[A-Z_]+)$/;

interface Present {
  readonly jumps: Map<string, string[]>; // table -> rules of built-in chains that lead to ours, without -A
  readonly chains: Map<string, string[]>; // table -> our chains
}

function parseSaved(saved: string): Present {
  const present: Present = { jumps: new Map(), chains: new Map() };
  let table = "";
  for (const line of saved.split("\n")) {
    if (line.startsWith("*")) table = line.slice(1);
    const chain = line.startsWith(":") ? (line.slice(1).split(" ")[0] ?? "") : "";
    const jump = jumpToOwn.exec(line);
    if (ownChain.test(chain)) append(present.chains, table, chain);
    if (jump && ownChain.test(jump[3] ?? "")) append(present.jumps, table, line.slice("-A ".length));
  }
  return present;
}

function append(lists: Map<string, string[]>, key: string, value: string): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

/**
 * Text for `iptables-restore --noflush` that puts `rules` in force whatever of ours was there before: jumps that are there
 * go in the same step in which the new ones come. `saved` is what `iptables-save` printed.
 */
export function buildRestore(rules: string, saved: string): string {
  const present = parseSaved(saved);
  const tables = new Set(rules.split("\n").flatMap((line) => (line.startsWith("*") ? [line.slice(1)] : [])));
  const lines: string[] = [];
  let table = "";
  let declared: string[] = [];
  for (const line of rules.trimEnd().split("\n")) {
    if (line.startsWith("*")) [table, declared] = [line.slice(1), []];
    if (line.startsWith(":")) declared.push(line.slice(1).split(" ")[0] ?? "");
    // Deletions stand at the end of the head, when the declared chains are empty and refer to nothing any more.
    const firstRule = line.startsWith("-A") && !lines.at(-1)?.startsWith("-");
    if (firstRule) {
      const gone = (present.chains.get(table) ?? []).filter((chain) => !declared.includes(chain));
      lines.push(...removal(present.jumps.get(table) ?? [], gone));
    }
    lines.push(line);
  }
  return `${lines.join("\n")}\n${cleanup(present, (other) => !tables.has(other))}`;
}

/** Text for `iptables-restore --noflush` that takes away all of ours and nothing else; empty when nothing of ours is there. */
export function buildCleanup(saved: string): string {
  return cleanup(parseSaved(saved), () => true);
}

function cleanup({ jumps, chains }: Present, wanted: (table: string) => boolean): string {
  const tables = [...new Set([...jumps.keys(), ...chains.keys()])].filter(wanted);
  return tables
    .map((table) => {
      const lines = [`*${table}`, ...removal(jumps.get(table) ?? [], chains.get(table) ?? []), "COMMIT"];
      return `${lines.join("\n")}\n`;
    })
    .join("");
}

function removal(jumps: readonly string[], chains: readonly string[]): string[] {
  return [
    ...jumps.map((rule) => `-D ${rule}`),
    ...chains.map((chain) => `-F ${chain}`), // all of them first: they refer to one another
    ...chains.map((chain) => `-X ${chain}`),
  ];
}
