/** The whole scenario on this machine: prints expected against measured, writes out/demo.json, exits 0 only when all pass. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { projectRoot, startMesh, type TestMesh } from "../../e2e/harness/index.ts";
import { table } from "../../src/app/output.ts";
import { breaker, defaults, everywhere, retries } from "./resilience-steps.ts";
import { abort, canary, delay, header } from "./routing-steps.ts";
import type { Outcome, Step } from "./step.ts";
import { accepted, identity, killed, strict } from "./trust-steps.ts";

/** In the order of the sample files: each builds on the policy that stands. */
const steps: readonly Step[] = [
  canary,
  delay,
  abort,
  header,
  retries,
  breaker,
  strict,
  identity,
  defaults,
  everywhere,
  killed,
  accepted, // last: of all that was sent
];

const samples = "manifests/samples/links";

interface Row extends Outcome {
  readonly step: string;
  readonly expected: string;
}

async function runStep(mesh: TestMesh, { name, expected, run }: Step): Promise<Row> {
  process.stderr.write(`${name} …`);
  const started = performance.now();
  const outcome = await run(mesh).catch((error: unknown) => ({
    measured: error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error),
    pass: false,
  }));
  process.stderr.write(
    ` ${outcome.pass ? "pass" : "FAIL"} (${((performance.now() - started) / 1_000).toFixed(1)} s)\n`,
  );
  return { step: name, expected, ...outcome };
}

function howToLook(mesh: TestMesh): string {
  const web = mesh.workload("web-1").namespace.name;
  return [
    "The mesh is running; Ctrl-C ends it. To look at it from another terminal:",
    `  export HEDDLE_STATE_DIR=${mesh.stateDirectory}`,
    "  bin/heddle status",
    "  bin/heddle config web-1.default clusters",
    `  bin/heddle apply --wait -f ${samples}/10-canary.yaml`,
    `  ip netns exec ${web} curl -s http://link-service:8080/`,
    `  logs: ${mesh.logDirectory}`,
  ].join("\n");
}

async function untilInterrupted(): Promise<void> {
  const alive = setInterval(() => undefined, 60_000);
  await new Promise<void>((resolve) => {
    process.once("SIGINT", () => resolve());
    process.once("SIGTERM", () => resolve());
  });
  clearInterval(alive);
}

async function demo(): Promise<boolean> {
  const keep = process.env["KEEP"] === "1";
  process.stderr.write("starting the control plane and the workloads, each behind a stock Envoy …\n");
  const mesh = await startMesh({
    from: [`${samples}/00-services.yaml`, `${samples}/05-more-services.yaml`],
    ...(keep ? { reach: "machine" as const } : {}),
  });
  let interrupted = false;
  process.once("SIGINT", () => (interrupted = true));
  process.once("SIGTERM", () => (interrupted = true));
  try {
    process.stderr.write(`${mesh.pods.length} workloads are ready\n`);
    const rows: Row[] = [];
    for (const step of steps) if (!interrupted) rows.push(await runStep(mesh, step));
    await mkdir(join(projectRoot(), "out"), { recursive: true });
    await writeFile(join(projectRoot(), "out/demo.json"), `${JSON.stringify(rows, null, 2)}\n`);
    const cells = rows.map(({ step, expected, measured, pass }) => [step, expected, measured, pass ? "pass" : "FAIL"]);
    process.stdout.write(`\n${table(["STEP", "EXPECTED", "MEASURED", ""], cells)}\n`);
    if (keep && !interrupted) {
      process.stdout.write(`\n${howToLook(mesh)}\n`);
      await untilInterrupted();
    }
    return !interrupted && rows.every(({ pass }) => pass);
  } finally {
    await mesh.close();
  }
}

try {
  process.exitCode = (await demo()) ? 0 : 1;
} catch (error) {
  process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
