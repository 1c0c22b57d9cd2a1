/** Checks the import walls of scripts/lint/rooms.cjs, and that the checker really read the code. */
import { spawnSync } from "node:child_process";

const leastModules = 50; // a checker that cannot parse the TypeScript in use says "no violations" of nothing
const run = spawnSync("node_modules/.bin/depcruise", ["--config", "scripts/lint/rooms.cjs", "src"], {
  encoding: "utf8",
});
process.stdout.write(run.stdout + run.stderr);
const cruised = Number(/(\d+) modules/.exec(run.stdout)?.[1] ?? 0);
if (run.status !== 0 || cruised < leastModules) {
  console.error(`import walls: exit status ${run.status}, ${cruised} modules read (at least ${leastModules} expected)`);
  process.exit(1);
}
