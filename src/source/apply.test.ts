import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { applyDocuments } from "./apply.ts";
import { readDirectory } from "./read.ts";

const policy = (name: string, mode: string) =>
  `apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata:\n  name: ${name}\nspec:\n  mtls: {mode: ${mode}} # why\n`;

let dir: string;
beforeEach(async () => (dir = await mkdtemp(join(tmpdir(), "heddle-apply-"))));
afterEach(() => rm(dir, { recursive: true }));

const text = (name: string) => readFile(join(dir, name), "utf8");
async function apply(input: string) {
  return applyDocuments(dir, input, (await readDirectory(dir)).objects);
}

it("puts a document in the place of the one that it replaces, and touches nothing else", async () => {
  const before = `# head\n${policy("a", "STRICT")}--- # second\n# about b\n${policy("b", "STRICT")}---\n${policy("c", "STRICT")}`;
  await writeFile(join(dir, "all.yaml"), before);
  const { files, problems } = await apply(`---\n${policy("b", "DISABLE")}`);
  expect(problems).toEqual([]);
  expect(files).toEqual([join(dir, "all.yaml")]);
  expect(await text("all.yaml")).toBe(
    `# head\n${policy("a", "STRICT")}--- # second\n${policy("b", "DISABLE")}---\n${policy("c", "STRICT")}`,
  );
});

it("gives a new object a file of its own", async () => {
  const { files } = await apply(`${policy("a", "STRICT")}---\n${policy("b.c", "STRICT")}`);
  expect(files.map((file) => file.slice(dir.length + 1))).toEqual([
    "peerauthentication-default-a.yaml",
    "peerauthentication-default-b.c.yaml",
  ]);
  expect(await text("peerauthentication-default-a.yaml")).toBe(policy("a", "STRICT"));
  expect(await readdir(dir)).toHaveLength(2);
});

it("mends a document that is broken in its file", async () => {
  await writeFile(join(dir, "a.yaml"), policy("a", "STRICT"));
  const { objects } = await readDirectory(dir);
  await writeFile(join(dir, "a.yaml"), policy("a", "STRCT"));
  await applyDocuments(dir, policy("a", "DISABLE"), objects);
  expect(await text("a.yaml")).toBe(policy("a", "DISABLE"));
});

it("writes nothing when any of the input is invalid", async () => {
  const { files, problems } = await apply(`${policy("a", "STRICT")}---\n${policy("b", "STRCT")}`);
  expect(files).toEqual([]);
  expect(problems.map(({ code }) => code)).toEqual(["HED112"]);
  expect(await readdir(dir)).toEqual([]);
});

it("says where in the input a problem is, by the name that the user gave it", async () => {
  const { problems } = await applyDocuments(dir, policy("a", "STRCT"), [], "mine.yaml");
  expect(problems.map(({ position }) => position?.file)).toEqual(["mine.yaml"]);
});

it("writes nothing when nothing changes", async () => {
  await writeFile(join(dir, "a.yaml"), policy("a", "STRICT"));
  expect(await apply(policy("a", "STRICT"))).toEqual({ files: [], problems: [] });
});

it("takes a List apart, and refuses to edit one in place", async () => {
  const list = (mode: string) =>
    `apiVersion: v1\nkind: List\nitems:\n- ${policy("a", mode).trimEnd().replaceAll("\n", "\n  ")}\n`;
  const { files } = await apply(list("STRICT"));
  expect(files).toEqual([join(dir, "peerauthentication-default-a.yaml")]);
  await rm(files[0] ?? "");
  await writeFile(join(dir, "list.yaml"), list("STRICT"));
  expect((await apply(policy("a", "DISABLE"))).problems.map(({ code }) => code)).toEqual(["HED405"]);
});

it("keeps JSON files JSON", async () => {
  const file = join(dir, "a.json");
  await writeFile(
    file,
    JSON.stringify({
      apiVersion: "security.istio.io/v1",
      kind: "PeerAuthentication",
      metadata: { name: "a" },
      spec: {},
    }),
  );
  await apply(policy("a", "DISABLE"));
  expect(JSON.parse(await text("a.json"))).toMatchObject({ spec: { mtls: { mode: "DISABLE" } } });
});

it("adds to the one file that the policy is", async () => {
  const file = join(dir, "one.yaml");
  await writeFile(file, policy("a", "STRICT"));
  await applyDocuments(file, policy("b", "STRICT"), (await readDirectory(file)).objects);
  expect(await text("one.yaml")).toBe(`${policy("a", "STRICT")}---\n${policy("b", "STRICT")}`);
});
