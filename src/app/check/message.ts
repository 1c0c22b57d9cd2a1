import type { Level } from "../../lib/index.ts";

/** One kind of problem: what its code means, and what to do. A code never changes its meaning. */
export interface Message {
  readonly code: string;
  readonly levels: readonly Level[]; // that it can come with; the first is the usual one
  readonly meaning: string;
  readonly remedy: string;
}

/** What the levels say. */
export const levels: Readonly<Record<Level, string>> = {
  error: "it is not applied; the version that was valid last stays in force",
  warning: "it is applied, and does less than it says, or something else",
  info: "it works as written, and there is something to know",
};

/** A row of a list of messages. */
export const message = (code: string, levels: readonly Level[], meaning: string, remedy: string): Message => ({
  code,
  levels,
  meaning,
  remedy,
});
