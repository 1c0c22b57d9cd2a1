import type { Figure } from "../../e2e/harness/figures.ts";

/** What is used of jest's --json. */
export interface JestResult {
  readonly success: boolean;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly status: "passed" | "failed" | "pending" | "skipped" | "todo" | "disabled";
      readonly fullName: string;
      readonly ancestorTitles: readonly string[];
      readonly title: string;
      readonly duration?: number | null; // ms
    }[];
  }[];
}

/** One row for each fault that tests name, by how many of its cases failed. */
export function rowsFromCases(results: readonly JestResult[], form: Figure["form"]): Figure[] {
  const byId = new Map<string, { count: number; failed: number; ms: number; whats: Set<string> }>();
  const cases = results.flatMap(({ testResults }) => testResults.flatMap((file) => file.assertionResults));
  for (const { status, fullName, title, ancestorTitles, duration } of cases) {
    if (status !== "passed" && status !== "failed") continue;
    for (const [id] of fullName.matchAll(/\bF\d\d\b/g)) {
      const row = byId.get(id) ?? { count: 0, failed: 0, ms: 0, whats: new Set() };
      byId.set(id, row);
      row.count += 1;
      if (status === "failed") row.failed += 1;
      row.ms += duration ?? 0;
      row.whats.add([...ancestorTitles, title].find((text) => text.includes(id)) ?? title);
    }
  }
  return [...byId].map(([id, { count, failed, ms, whats }]) => ({
    ...{ id, form, seed: null, seconds: Math.round(ms / 100) / 10, requests: null, failed },
    what: [...whats].slice(0, 2).join("; "),
    ...{ figure: `${count - failed} of ${count} cases hold`, limit: "all", pass: failed === 0 },
  }));
}
