import { mkdir, readFile, writeFile } from "node:fs/promises";
import { inProject } from "./project.ts";

const file = inProject("out/kind.json");

/** The figures so far, by name. */
export async function readFigures(): Promise<Readonly<Record<string, unknown>>> {
  return JSON.parse(await readFile(file, "utf8").catch(() => "{}")) as Record<string, unknown>;
}

/** Adds a figure to out/kind.json, where `e2e.sh` has put those of the set-up. */
export async function recordFigure(name: string, value: unknown): Promise<void> {
  await mkdir(inProject("out"), { recursive: true });
  const figures = await readFigures();
  await writeFile(file, `${JSON.stringify({ ...figures, [name]: value }, null, 2)}\n`);
  process.stdout.write(`figure: ${name} = ${JSON.stringify(value)}\n`);
}

/** The value that a share of the sorted values does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
