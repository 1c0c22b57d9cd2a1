// Runs every fault of docs/faults.md, in the long form or (FAULTS=short) in that of `make test`; prints one table and writes it to
// out/faults.json. A test measures a figure of its own (e2e/harness/figures.ts), or its cases are counted: those named F01, F02, ….
import { spawnSync } from "node:child_process";
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { figuresFile, type Figure } from "../../e2e/harness/figures.ts";
import { rowsFromCases, type JestResult } from "./cases.ts";

const form = process.env["FAULTS"] === "short" ? "short" : "long";
const modelRuns = form === "long" ? 2_500 : 250;
const marker = /["'`(]F\d\d\b/;

/** Test files that name a fault. */
function filesOf(...patterns: string[]): string[] {
  const isOne = (file: string): boolean => file.startsWith("e2e/faults/") || marker.test(readFileSync(file, "utf8"));
  return globSync(patterns).filter(isOne).sort();
}

/** Runs jest, shows what it says, and gives its results. */
function jest(name: string, args: readonly string[], env: Readonly<Record<string, string>>): JestResult {
  const output = `out/faults-${name}.json`;
  rmSync(output, { force: true });
  spawnSync("jest", [...args, "--json", "--outputFile", output], {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, FAULTS: form, ...env },
  });
  return JSON.parse(readFileSync(output, "utf8")) as JestResult;
}

function measured(): Figure[] {
  const lines = readFileSync(figuresFile(), "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Figure);
}

function print(rows: readonly Figure[]): void {
  const cells = rows.map(({ id, pass, seconds, requests, failed, figure, limit, what }) => [
    ...[id, pass ? "pass" : "FAIL", String(seconds), requests === null ? "" : String(requests)],
    ...[failed === null ? "" : String(failed), figure, limit, what],
  ]);
  const table = [["ID", "", "SECONDS", "REQUESTS", "FAILED", "FIGURE", "LIMIT", "FAULT"], ...cells];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  for (const row of table)
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    );
}

mkdirSync("out", { recursive: true });
rmSync(figuresFile(), { force: true });
const units = jest(
  "unit",
  ["--testNamePattern", "F\\d\\d", ...filesOf("src/**/*.test.ts").map((file) => `^.*${file}$`)],
  {},
);
// The random interleavings bear no number in their names: the whole file is F18.
const modelStarted = performance.now();
const model = jest("model", ["src/xds/session.model.test.ts"], { XDS_MODEL_RUNS: String(modelRuns) });
const modelSeconds = Math.round((performance.now() - modelStarted) / 100) / 10;
const whole = jest(
  "e2e",
  ["--config", "e2e/jest.config.json", ...filesOf("e2e/*.test.ts", "e2e/faults/*.test.ts")],
  {},
);
const own = measured();
const counted = rowsFromCases([units, whole], form);
const interleavings: Figure = {
  ...{ id: "F18", what: "random interleavings, stale and foreign nonces, NACKs and reconnects against a model", form },
  ...{ seed: 1, seconds: modelSeconds, requests: 4 * modelRuns, failed: model.numFailedTests },
  ...{ figure: `${4 * modelRuns} runs of 150 steps, ${model.numFailedTests} of 4 tests failed`, limit: "0" },
  pass: model.success,
};
const known = new Set(own.map(({ id }) => id));
const rows = [...own, interleavings, ...counted.filter(({ id }) => !known.has(id))];
rows.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
writeFileSync("out/faults.json", `${JSON.stringify(rows, undefined, 2)}\n`);
print(rows);
const failures = rows.filter(({ pass }) => !pass).length;
const sound = units.success && model.success && whole.success && failures === 0;
console.log(`faults: ${rows.length - failures} passed, ${failures} failed; out/faults.json`);
process.exitCode = sound ? 0 : 1;
