import { startMesh } from "./mesh.ts";

/** Runs a mesh until it is killed: `node e2e/harness/hang.ts ID`. Says "up" when there is something to leave behind. */
const mesh = await startMesh({
  id: process.argv[2] ?? "hang",
  withControlPlane: false,
  from: ["e2e/testdata/pair.yaml"],
});
process.stdout.write(`up ${mesh.pods.join(" ")}\n`);
setInterval(() => {}, 60_000);
