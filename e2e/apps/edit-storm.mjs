// Writes one file again and again, each time by rename, at even intervals; a process of its own, so that nothing holds it up.
// Reads from standard input: { folder, file, texts, overMs }. Prints the longest pause there was, and how many were over 60 ms.
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";

let input = "";
for await (const chunk of process.stdin) input += chunk;
const { folder, file, texts, overMs } = JSON.parse(input);
const draft = join(folder, "..", `${file}.draft`);
const started = performance.now();
let last = started;
let longest = 0;
let pauses = 0;
for (const [n, text] of texts.entries()) {
  const due = started + (n * overMs) / texts.length;
  while (performance.now() < due) await new Promise((resolve) => setTimeout(resolve, 1));
  writeFileSync(draft, text);
  renameSync(draft, join(folder, file));
  const pause = performance.now() - last;
  last += pause;
  longest = Math.max(longest, pause);
  if (pause > 60) pauses += 1;
}
process.stdout.write(JSON.stringify({ ms: last - started, longest, pauses }));
