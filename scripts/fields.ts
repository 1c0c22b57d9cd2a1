/**
 * Holds docs/fields.md to the code: every field of Istio's schemas has a row; what a row calls supported changes the golden it names and is
 * written in the test it names; what it calls unsupported is what `heddle check` says. `--write` writes the rows.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { kinds } from "../src/model/kinds.ts";
import { Goldens, toldFields } from "./fields/goldens.ts";
import { readFields } from "./fields/schemas.ts";
import { isSupported, parseTable, renderTable, type Row } from "./fields/table.ts";
import { Suites } from "./fields/traffic.ts";

const root = join(import.meta.dirname, "..");
const page = join(root, "docs/fields.md");

const fields = await readFields(root);
const goldens = new Goldens(root);
const suites = new Suites(root);
const told = toldFields(root);
const read = new Set<string>(kinds.map(({ kind }) => kind));

const isWithin = (field: string, ancestor: string): boolean =>
  field === ancestor || field.startsWith(`${ancestor}.`) || field.startsWith(`${ancestor}[`);

/** Why a field does nothing, or not all, as `heddle check` says it. */
function reasonFor(field: string): string | undefined {
  const kind = field.slice(0, field.indexOf("."));
  if (!read.has(kind)) return "the kind has no effect yet (HED117)";
  const message = [...told].find(([ancestor]) => isWithin(field, ancestor))?.[1];
  return message?.replaceAll("|", "\\|");
}

/** What is wrong with a row; undefined: nothing. */
function faultIn(row: Row): string | undefined {
  const { field, golden, traffic, why } = row;
  if (why !== undefined && why !== reasonFor(field)) return `heddle check says: ${reasonFor(field) ?? "nothing"}`;
  if (why === undefined && reasonFor(field) !== undefined) return `heddle check says: ${reasonFor(field)}`;
  if (golden === undefined && why === undefined) return "neither a golden nor a reason";
  if (golden !== undefined && !goldens.shows(golden, field)) return `the golden ${golden} is the same without it`;
  if (traffic !== undefined && !suites.shows(traffic, field)) return `e2e/${traffic}.test.ts does not write it`;
  return undefined;
}

function write(): void {
  const effects = goldens.effects();
  const tables = new Map<string, Row[]>();
  for (const [kind, names] of fields)
    tables.set(
      kind,
      names.map((field) => {
        const [golden, traffic, why] = [effects.get(field), suites.showing(field), reasonFor(field)];
        return { field, ...(golden && { golden }), ...(golden && traffic && { traffic }), ...(why && { why }) };
      }),
    );
  writeFileSync(page, renderTable(readFileSync(page, "utf8"), tables));
}

/** All that is wrong with the page, one line each. */
function check(rows: readonly Row[]): string[] {
  const known = new Set([...fields.values()].flat());
  const named = rows.map(({ field }) => field);
  return [
    ...[...known].filter((field) => !named.includes(field)).map((field) => `${field}: has no row`),
    ...named.filter((field) => !known.has(field)).map((field) => `${field}: no schema has it`),
    ...named.filter((field, index) => named.indexOf(field) !== index).map((field) => `${field}: has two rows`),
    ...rows.flatMap((row) => {
      const fault = faultIn(row);
      return fault === undefined ? [] : [`${row.field}: ${fault}`];
    }),
  ];
}

if (process.argv.includes("--write")) write();
const rows = parseTable(readFileSync(page, "utf8"));
const faults = check(rows);
for (const fault of faults) console.error(`docs/fields.md: ${fault}`);
const supported = rows.filter(isSupported);
console.log(
  `${supported.filter(({ traffic }) => traffic !== undefined).length} of them with traffic through stock Envoys`,
);
console.log(`supported ${supported.length} of ${rows.length} fields`);
process.exitCode = faults.length > 0 ? 1 : 0;
