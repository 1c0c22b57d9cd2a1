import { table as aligned } from "../../../src/app/output.ts";
import type { Lane } from "./lane.ts";
import type { Scenario } from "./load.ts";
import { median, medianInterval, type Rounds, type Sample } from "./measure.ts";

type Measure = "p50" | "p99" | "cpuPer1000";

/** One scenario through one lane: medians over the rounds, and the medians of its ratios to the base lane in the same round. */
export interface Row {
  readonly scenario: string;
  readonly lane: string;
  readonly rounds: number;
  readonly requests: number; // of all rounds
  readonly failed: number;
  readonly per_second: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
  readonly cpu_ms_per_1000: number;
  readonly ratio: Readonly<Record<Measure, number>>;
  /** Where the ratio of the p99 lies with 95 of 100: in the tail two runs of one thing differ most. */
  readonly p99_ratio_between: readonly [low: number, high: number];
}

/** `base`: the index of the lane that the others are compared to. */
export function rowsFor(scenario: Scenario, lanes: readonly Lane[], rounds: Rounds, base: number): Row[] {
  return lanes.map(({ name }, at) => {
    const samples = rounds.flatMap((round) => round[at] ?? []);
    const all = (field: keyof Sample) => samples.map((sample) => sample[field]);
    const sum = (field: keyof Sample) => all(field).reduce((total, value) => total + value, 0);
    const ratios = (field: Measure) =>
      rounds.map((round) => (round[at]?.[field] ?? NaN) / (round[base]?.[field] ?? NaN));
    const ratio = (field: Measure) => median(ratios(field));
    const [low, high] = medianInterval(ratios("p99"));
    return {
      scenario: scenario.name,
      lane: name,
      rounds: rounds.length,
      requests: sum("requests"),
      failed: sum("failed"),
      per_second: round(median(all("perSecond")), 0),
      p50_ms: round(median(all("p50")), 3),
      p99_ms: round(median(all("p99")), 3),
      cpu_ms_per_1000: round(median(all("cpuPer1000")) * 1000, 1),
      ratio: {
        p50: round(ratio("p50"), 3),
        p99: round(ratio("p99"), 3),
        cpuPer1000: round(ratio("cpuPer1000"), 3),
      },
      p99_ratio_between: [round(low, 3), round(high, 3)],
    };
  });
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

const columns: readonly (readonly [title: string, cell: (row: Row) => string | number])[] = [
  ["scenario", ({ scenario }) => scenario],
  ["lane", ({ lane }) => lane],
  ["req/s", ({ per_second }) => per_second],
  ["failed", ({ failed }) => failed],
  ["p50 ms", ({ p50_ms }) => p50_ms.toFixed(3)],
  ["x", ({ ratio }) => ratio.p50.toFixed(2)],
  ["p99 ms", ({ p99_ms }) => p99_ms.toFixed(3)],
  ["x", ({ ratio }) => ratio.p99.toFixed(2)],
  ["95 %", ({ p99_ratio_between: between }) => between.map((end) => end.toFixed(2)).join("-")],
  ["CPU ms/1000", ({ cpu_ms_per_1000 }) => cpu_ms_per_1000.toFixed(1)],
  ["x", ({ ratio }) => (Number.isFinite(ratio.cpuPer1000) ? ratio.cpuPer1000.toFixed(2) : "")],
];

/** A table of the rows; `x` is the ratio of the column before it. */
export function table(rows: readonly Row[]): string {
  const titles = columns.map(([title]) => title);
  return aligned(
    titles,
    rows.map((row) => columns.map(([, cell]) => String(cell(row)))),
  );
}
