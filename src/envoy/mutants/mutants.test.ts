import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { parseCase } from "../golden-case.ts";
import { readCorpus } from "./corpus.ts";
import { before, examine, type Before } from "./examine.ts";
import { mutantOf, type Edit } from "./mutant.ts";

const root = join(__dirname, "..", "testdata");
const files = globSync("**/in.yaml", { cwd: root }).sort();
const corpus = readCorpus(new Map(files.map((file) => [file, readFileSync(join(root, file), "utf8")])));

/** FUZZ_SEED and FUZZ_RUNS repeat a run, or make it longer. */
const seed = Number(process.env["FUZZ_SEED"] ?? 1);
const runs = Number(process.env["FUZZ_RUNS"] ?? 150);

const edit = fc.tuple(fc.nat(), fc.nat(), fc.nat(), fc.nat());
const mutations = fc.noBias(fc.tuple(fc.nat(), fc.array<Edit>(edit, { minLength: 1, maxLength: 5 })));

const originals = new Map<number, Before>();
function originalOf(golden: number): Before {
  const known = originals.get(golden) ?? before(mutantOf(corpus, golden, []));
  originals.set(golden, known);
  return known;
}

it(`F36: no mutation of a golden input throws or yields what does not hold together (seed ${seed}, ${runs} runs)`, () => {
  fc.assert(
    fc.property(mutations, ([golden, edits]) => {
      const text = mutantOf(corpus, golden, edits);
      const complaints = examine(text, originalOf(golden % corpus.goldens.length));
      if (complaints.length > 0) throw new Error(`${complaints.join("\n")}\n${text}`);
    }),
    { seed, numRuns: runs },
  );
});

it("mutates every golden input as it stands in its file", () => {
  expect(corpus.goldens.map(({ name }) => name)).toEqual(files);
  const rejected = corpus.goldens.filter((_, golden) =>
    parseCase(mutantOf(corpus, golden, [])).problems.some(({ level }) => level === "error"),
  );
  expect(rejected.map(({ name }) => name).filter((name) => !name.includes("/invalid-"))).toEqual([]);
});
