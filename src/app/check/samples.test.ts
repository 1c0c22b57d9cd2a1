import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { formatProblem } from "../../lib/index.ts";
import { buildSnapshot } from "../../mesh/index.ts";
import { objectKey, type MeshObject } from "../../model/index.ts";
import { readMesh } from "../read-mesh.ts";
import { templateProblems } from "./pod-templates.ts";

/** No false alarm: the samples are correct, and so is the mesh after each of them. (What is found in goldens stands in their out.yaml.) */
const samples = join(__dirname, "../../../manifests/samples");

it("finds nothing in the samples, applied one after the other", async () => {
  const files = globSync("links/*.yaml", { cwd: samples }).sort();
  expect(files.length).toBeGreaterThan(10);
  const mesh = new Map<string, MeshObject>();
  for (const file of files) {
    const { objects, ofObjects } = await readMesh(join(samples, file));
    for (const object of objects) mesh.set(objectKey(object), object);
    expect([...ofObjects, ...buildSnapshot([...mesh.values()]).problems].map(formatProblem)).toEqual([]);
  }
});

it("finds nothing in the sample for a cluster", async () => {
  const { objects, problems } = await readMesh(join(samples, "kubernetes"));
  expect(objects.length).toBeGreaterThan(2);
  expect(problems.map(formatProblem)).toEqual([]);
});

/** Written here in the manner of the applications that Istio's own documentation is told with. */
const usual = globSync("testdata/usual/*.yaml", { cwd: __dirname }).sort();

it.each(usual)("finds nothing in %s, as users write such things", async (file) => {
  const path = join(__dirname, file);
  const { objects, problems } = await readMesh(path);
  expect(objects.length).toBeGreaterThan(2);
  const all = [...problems, ...templateProblems(readFileSync(path, "utf8"), file)];
  expect(all.filter(({ level }) => level !== "info").map(formatProblem)).toEqual([]);
});

it("finds nothing in all of them together but what they say of the same gateway", async () => {
  expect(usual.length).toBeGreaterThan(3);
  const { problems } = await readMesh(join(__dirname, "testdata/usual"));
  expect(problems.filter(({ level }) => level !== "info").map(formatProblem)).toEqual([]);
});
