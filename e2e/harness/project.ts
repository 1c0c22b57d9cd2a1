import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The checkout: the nearest folder from here upwards that holds bin/heddle. */
export function projectRoot(): string {
  for (let folder = process.cwd(); ; folder = dirname(folder)) {
    if (existsSync(join(folder, "bin/heddle"))) return folder;
    if (folder === dirname(folder)) throw new Error("run this inside the checkout");
  }
}
