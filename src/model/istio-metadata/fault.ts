import type { Level } from "../../lib/index.ts";
import type { Code } from "../codes.ts";

/** What is wrong with one annotation or label. */
export interface MetadataFault {
  readonly code: Code;
  readonly level: Level;
  readonly name: string; // of the annotation or label
  readonly message: string;
  readonly hint?: string;
}
