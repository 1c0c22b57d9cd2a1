import type { Member } from "../../mesh/index.ts";

/** Where it is written down who has joined: a file, or the entries themselves at an API server. Nothing here throws. */
export interface Ledger {
  /** Those who are members now. Written soon; of several calls the last one counts. */
  write(this: void, members: readonly Member[]): void;
  /** One has joined, perhaps again. */
  joined(this: void, member: Member): void;
  /** Resolves when all is written, or given up: nothing is written any more. */
  settled(this: void): Promise<void>;
}
