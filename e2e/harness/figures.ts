import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "./project.ts";

/** What a fault came to: one row of the table that `make faults` prints. */
export interface Figure {
  readonly id: string; // of the catalogue: F01
  readonly what: string;
  readonly form: "short" | "long";
  readonly seed: number | null; // null: nothing was left to chance
  readonly seconds: number;
  readonly requests: number | null; // null: not a matter of requests
  readonly failed: number | null;
  readonly figure: string;
  readonly limit: string;
  readonly pass: boolean;
}

/** What a test measured. `pass` is whether the figure is within the limit. */
export type Measured = Pick<Figure, "figure" | "limit" | "pass"> &
  Partial<Pick<Figure, "seed" | "requests" | "failed">>;

/** True for `make faults`; in `make test` the faults run in a form bounded to a few minutes. */
export const isLong = process.env["FAULTS"] === "long";

/** The bound of this run. */
export function bound(forms: { readonly short: number; readonly long: number }): number {
  return isLong ? forms.long : forms.short;
}

/** Where the rows of one run gather, one JSON object a line. */
export function figuresFile(): string {
  return join(projectRoot(), "out", "faults.jsonl");
}

/** Says it in a line, and keeps it as a row when `FAULTS` is set: `make faults` makes one table of all. */
function tellFigure(figure: Figure): void {
  process.stdout.write(`${figure.id} ${figure.pass ? "pass" : "FAIL"}: ${figure.figure} (limit: ${figure.limit})\n`);
  if (process.env["FAULTS"] === undefined) return;
  mkdirSync(join(projectRoot(), "out"), { recursive: true });
  appendFileSync(figuresFile(), `${JSON.stringify(figure)}\n`);
}

/** Runs a part of a test, and keeps what it measured as a row. Fails when that is beyond the limit; a failure is a row too. */
export async function measureFault(id: string, what: string, measure: () => Promise<Measured>): Promise<void> {
  const started = performance.now();
  const tell = (measured: Measured): void => {
    const seconds = Math.round((performance.now() - started) / 100) / 10;
    const { seed = null, requests = null, failed = null, figure, limit, pass } = measured;
    tellFigure({ id, what, form: isLong ? "long" : "short", seed, seconds, requests, failed, figure, limit, pass });
  };
  let measured: Measured;
  try {
    measured = await measure();
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    tell({ figure: `not measured: ${reason}`, limit: "", pass: false });
    throw error;
  }
  tell(measured);
  if (!measured.pass) throw new Error(`${id}: ${measured.figure}; the limit is ${measured.limit}`);
}

/** A test of one fault of the catalogue (docs/faults.md). */
export function itSurvives(id: string, what: string, measure: () => Promise<Measured>, timeoutMs?: number): void {
  it(`${id}: ${what}`, () => measureFault(id, what, measure), timeoutMs);
}
