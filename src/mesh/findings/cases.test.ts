import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { objectKey } from "../../model/index.ts";
import { indexOf } from "../snapshot-index.ts";
import { buildSnapshot, clusterProblems } from "../snapshot.ts";
import { entryYaml, objectsOf, yaml } from "../testing.ts";
import { codes } from "./finding.ts";
import { findingsOf } from "./findings.ts";

/**
 * `testdata/<case>/bad.yaml` holds an input with mistakes, each line that should be blamed with the code behind a `#`; `good.yaml` its
 * like without any, and near the edge of one.
 */
const root = join(__dirname, "testdata");
const cases = globSync("*/bad.yaml", { cwd: root }).map(dirname).sort();

/** `line code` of every finding, in order of lines. */
function found(text: string): string[] {
  const { snapshot, problems } = buildSnapshot(objectsOf(text));
  return [...problems, ...clusterProblems(snapshot)]
    .sort((a, b) => (a.position?.line ?? 0) - (b.position?.line ?? 0))
    .map(({ position, code }) => `${position?.line} ${code}`);
}

function expected(text: string): string[] {
  return text
    .split("\n")
    .flatMap((line, i) => [...line.matchAll(/# .*?((?:IST|HED)\d+)/g)].map(([, code]) => `${i + 1} ${code}`));
}

describe.each(cases)("%s", (name) => {
  const read = (file: string) => readFileSync(join(root, name, file), "utf8");

  it("is found where it is, and nothing else is", () => {
    expect(expected(read("bad.yaml"))).not.toEqual([]);
    expect(found(read("bad.yaml"))).toEqual(expected(read("bad.yaml")));
  });

  it("is not found in correct input", () => {
    expect(found(read("good.yaml"))).toEqual([]);
  });
});

it("has a case for every code", () => {
  const shown = cases.flatMap((name) => expected(readFileSync(join(root, name, "bad.yaml"), "utf8")));
  const told = new Set(shown.map((line) => line.split(" ")[1]));
  expect(Object.values(codes).filter((code) => !told.has(code))).toEqual([]);
});

it("looks again only at what a change of one weight touches", () => {
  const entry = (i: number) => entryYaml(`svc-${i}`, "shop", `svc-${i}.com`, [`10.0.0.${i}`]);
  const broken = (i: number, weight: number) =>
    yaml(
      "VirtualService",
      `svc-${i}`,
      "shop",
      `hosts: [svc-${i}.com]\ngateways: [mesh, nowhere]\nhttp: [{ route: [{ destination: { host: svc-${i}.com, subset: v9 }, weight: ${weight} }] }]`,
    ) + yaml("DestinationRule", `svc-${i}`, "shop", `host: svc-${i}.com\nsubsets: [{ name: v1, labels: { a: b } }]`);
  const numbers = Array.from({ length: 20 }, (_, i) => i + 1);
  const services = objectsOf(numbers.map(entry).join(""));
  const rules = objectsOf(numbers.map((i) => broken(i, 100)).join(""));
  const edited = objectsOf(broken(1, 50))[0];
  const { snapshot } = buildSnapshot([...services, ...rules]);
  const next = buildSnapshot(
    [...services, ...rules.map((old) => (edited && objectKey(old) === objectKey(edited) ? edited : old))],
    snapshot,
  );
  const before = new Set(findingsOf(indexOf(snapshot)));
  expect(before.size).toBe(numbers.length * 3);
  const fresh = findingsOf(indexOf(next.snapshot)).filter((finding) => !before.has(finding));
  expect(new Set(fresh.map(({ object }) => object))).toEqual(new Set([edited]));
});
