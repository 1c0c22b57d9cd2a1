import fc from "fast-check";
import { formatProblem } from "../lib/index.ts";
import { parseDocuments, type MeshObject } from "../model/index.ts";
import { ObjectTable } from "./object-table.ts";

const policy = (name: string, mode: string, createdAt?: string) => `apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata:
  name: ${name}${createdAt === undefined ? "" : `\n  creationTimestamp: "${createdAt}"`}
spec:
  mtls:
    mode: ${mode}
---
`;

function tableOf(files: Readonly<Record<string, string>>): ObjectTable {
  const table = new ObjectTable();
  for (const [file, text] of Object.entries(files)) table.apply(file, parseDocuments(text, file));
  return table;
}

const update = (table: ObjectTable, file: string, text: string) => table.apply(file, parseDocuments(text, file));
const modes = (table: ObjectTable) =>
  Object.fromEntries(
    table.objects().map(({ metadata, spec }) => [metadata.name, (spec as { mtls?: { mode?: string } }).mtls?.mode]),
  );

it("keeps the last valid version of an object whose edit is broken, and takes the rest of the file", () => {
  const table = tableOf({ "a.yaml": policy("a", "STRICT") + policy("b", "STRICT") });
  update(table, "a.yaml", policy("a", "STRCT") + policy("b", "PERMISSIVE"));
  expect(modes(table)).toEqual({ a: "STRICT", b: "PERMISSIVE" });
  expect(table.problems().map(({ code }) => code)).toEqual(["HED112"]);
  update(table, "a.yaml", policy("a", "DISABLE") + policy("b", "PERMISSIVE"));
  expect(modes(table)).toEqual({ a: "DISABLE", b: "PERMISSIVE" });
  expect(table.problems()).toEqual([]);
});

it("removes nothing while a file is broken, wherever it was cut off (F24)", () => {
  const text = policy("a", "STRICT") + policy("b", "STRICT") + policy("c", "STRICT");
  for (let cut = 1; cut < text.length; cut++) {
    const table = tableOf({ "a.yaml": text });
    const prefix = text.slice(0, cut);
    update(table, "a.yaml", prefix);
    // Between two documents there is nothing to see: only a settled file is read.
    if (!/STRICT\s*(?:---\s*)?$/.test(prefix)) expect(modes(table)).toEqual({ a: "STRICT", b: "STRICT", c: "STRICT" });
  }
});

it("says which objects stay although they are not in the file", () => {
  const table = tableOf({ "a.yaml": policy("a", "STRICT") + policy("b", "STRICT") });
  update(table, "a.yaml", policy("a", "STRICT") + "x: [");
  expect(table.problems().map(formatProblem).at(-1)).toBe(
    "a.yaml:1:1: info HED402 PeerAuthentication default/b: is not in the file any more; it stays until the errors of the file are mended",
  );
  update(table, "a.yaml", policy("a", "STRICT"));
  expect(modes(table)).toEqual({ a: "STRICT" });
});

it("keeps the identity of what says the same, wherever it moved, and knows its new place", () => {
  const table = tableOf({ "a.yaml": policy("a", "STRICT") + policy("b", "STRICT") });
  const [a, b] = table.objects();
  expect(b?.origin.at(["spec", "mtls", "mode"]).line).toBe(15);
  update(table, "a.yaml", `# a comment\n${policy("a", "DISABLE")}# another\n${policy("b", "STRICT")}`);
  expect(table.objects()[0]).not.toBe(a);
  expect(table.objects()[1]).toBe(b);
  expect(b?.origin.at(["spec", "mtls", "mode"]).line).toBe(17);
});

it("gives the same lists while nothing changes", () => {
  const text = policy("a", "STRICT") + "x: [";
  const table = tableOf({ "a.yaml": text });
  const [objects, problems] = [table.objects(), table.problems()];
  update(table, "a.yaml", text);
  expect(table.objects()).toBe(objects);
  expect(table.problems()).toBe(problems);
});

it("lets the oldest of one name hold, then the first path, in whatever order files came (F29)", () => {
  const files: [string, string][] = [
    ["b.yaml", policy("a", "STRICT")],
    ["a.yaml", policy("a", "DISABLE")],
    ["c.yaml", policy("a", "PERMISSIVE")],
    ["d.yaml", policy("b", "STRICT", "2024-01-02T00:00:00Z")],
    ["e.yaml", policy("b", "DISABLE", "2024-01-01T00:00:00Z")],
  ];
  const told = new Set<string>();
  for (let seed = 0; seed < 100; seed++) {
    const shuffled = files
      .map((file, index) => ({ file, at: Math.sin(seed * 31 + index * 7) }))
      .sort((x, y) => x.at - y.at);
    const table = tableOf(Object.fromEntries(shuffled.map(({ file }) => file)));
    told.add(JSON.stringify([modes(table), table.problems().map(formatProblem)]));
  }
  expect(told.size).toBe(1);
  const [winners, problems] = JSON.parse([...told][0] ?? "") as [object, string[]];
  expect(winners).toEqual({ a: "DISABLE", b: "DISABLE" });
  expect(problems.map((problem) => problem.slice(0, 6))).toEqual(["b.yaml", "c.yaml", "d.yaml"]);
});

it("lets the next of one name take over when the first goes", () => {
  const table = tableOf({ "a.yaml": policy("a", "STRICT"), "b.yaml": policy("a", "DISABLE") });
  table.remove("a.yaml");
  expect(modes(table)).toEqual({ a: "DISABLE" });
  expect(table.problems()).toEqual([]);
});

it("holds after any edits what a table that reads the files for the first time holds, in the same order", () => {
  const documents = ["a", "b"].flatMap((name) => [
    policy(name, "STRICT"),
    policy(name, "DISABLE"),
    policy(name, "PERMISSIVE", name === "a" ? "2024-01-01T00:00:00Z" : undefined),
  ]);
  const edit = fc.record({
    file: fc.constantFrom("1.yaml", "2.yaml", "3.yaml"),
    text: fc.option(fc.subarray(documents, { maxLength: 2 }).map((some) => some.join(""))),
    isLookedAt: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(edit, { maxLength: 12 }), (edits) => {
      const table = new ObjectTable();
      const files: Record<string, string> = {};
      for (const { file, text, isLookedAt } of edits) {
        if (text === null) {
          delete files[file];
          table.remove(file);
        } else update(table, file, (files[file] = text));
        if (isLookedAt) table.problems();
      }
      const fresh = tableOf(files);
      const told = ({ metadata, spec, origin }: MeshObject) => [metadata, spec, origin.at(["spec"])];
      expect(table.objects().map(told)).toEqual(fresh.objects().map(told));
      expect(table.problems().map(formatProblem)).toEqual(fresh.problems().map(formatProblem));
    }),
    { numRuns: 300 },
  );
});

describe("documents that were not parsed again", () => {
  const policies = (...names: readonly string[]) =>
    names.map((name) => ({
      apiVersion: "security.istio.io/v1",
      kind: "PeerAuthentication",
      metadata: { name, namespace: "a" },
      spec: {},
    }));
  const list = (...names: readonly string[]): string =>
    `---\n${JSON.stringify({ apiVersion: "v1", kind: "List", items: policies(...names) })}\n`;
  const broken = "---\nspec: [\n";
  const pool = [list("x", "y"), list("x"), list("y"), list("z", "x"), broken, "---\n# nothing\n"];
  const namesOf = (table: ObjectTable) => table.objects().map(({ metadata }) => metadata.name);

  it("are whole, though one of their objects was kept from an older version of the file", () => {
    const table = new ObjectTable();
    const say = (text: string) => table.apply("f.yaml", parseDocuments(text, "f.yaml", table.known("f.yaml")));
    say(list("x", "y") + list("x", "y") + list("z", "x")); // the second and third x count for nothing
    say(broken);
    say(list("z", "x"));
    expect(namesOf(table)).toEqual(["x", "z"]);
  });

  it("leave the table as if they had been, after any edits", () => {
    const edits = fc.array(fc.array(fc.constantFrom(...pool), { maxLength: 4 }), { maxLength: 6 });
    fc.assert(
      fc.property(edits, (versions) => {
        const [quick, whole] = [new ObjectTable(), new ObjectTable()];
        for (const documents of versions) {
          const text = documents.join("");
          quick.apply("f.yaml", parseDocuments(text, "f.yaml", quick.known("f.yaml")));
          whole.apply("f.yaml", parseDocuments(text, "f.yaml"));
          expect(namesOf(quick)).toEqual(namesOf(whole));
          expect(quick.problems()).toEqual(whole.problems());
        }
      }),
      { numRuns: 500 },
    );
  });
});
