import { objectKey } from "./object.ts";
import { parseDocuments, type ParsedFile } from "./parse.ts";

const file = "policy.yaml";
const authentication = (name: string, mode: string, more = ""): string =>
  `apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: ${name}, namespace: a}\nspec: {mtls: {mode: ${mode}}${more}}\n`;
const join = (...documents: readonly string[]): string => documents.map((one) => `---\n${one}`).join("");

/** All that can be asked of a parsed file. */
const told = ({ objects, ...rest }: ParsedFile): unknown => ({
  ...rest,
  objects: objects.map(({ origin, ...object }) => ({ ...object, at: origin.at(["spec", "mtls", "mode"]) })),
});

const specOf = ({ objects }: ParsedFile, name: string): unknown =>
  objects.find((object) => object.metadata.name === name)?.spec;

it("takes over documents that have not changed, wherever they stand now", () => {
  const before = parseDocuments(join(authentication("x", "STRICT"), authentication("y", "STRICT")), file);
  const text = join(authentication("z", "DISABLE"), authentication("y", "DISABLE"), authentication("x", "STRICT"));
  const after = parseDocuments(text, file, before);
  expect(specOf(after, "x")).toBe(specOf(before, "x"));
  expect(specOf(after, "y")).toEqual({ mtls: { mode: "DISABLE" } });
  expect(after.objects.map(objectKey)).toEqual(parseDocuments(text, file).objects.map(objectKey));
  expect(after.objects[2]?.origin.at(["spec"])).toEqual({ file, line: 15, column: 1 });
  expect(before.objects[0]?.origin.at(["spec"]).line).toBe(5);
});

it("tells again of what is doubtful in a document that has not changed", () => {
  const doubtful = authentication("x", "STRICT", ", selector: {matchLabels: {}}");
  const before = parseDocuments(join(doubtful, authentication("y", "STRICT")), file);
  expect(before.problems).toHaveLength(1);
  const after = parseDocuments(
    join(authentication("z", "STRICT"), doubtful, authentication("y", "STRICT")),
    file,
    before,
  );
  expect(after.problems.map(({ position }) => position?.line)).toEqual([10]);
  expect(specOf(after, "y")).toBe(specOf(before, "y"));
});

it("takes nothing over from a file with an error", () => {
  const before = parseDocuments(join(authentication("x", "NONSENSE"), authentication("y", "STRICT")), file);
  const text = join(authentication("x", "STRICT"), authentication("y", "STRICT"));
  const after = parseDocuments(text, file, before);
  expect(specOf(after, "y")).not.toBe(specOf(before, "y"));
  expect(told(after)).toEqual(told(parseDocuments(text, file)));
});

it("says the same of any edit as a parser that knows nothing", () => {
  const pool = [
    authentication("x", "STRICT"),
    authentication("x", "DISABLE"),
    authentication("y", "PERMISSIVE"),
    authentication("y", "PERMISSIVE", ", unknown: 1"),
    authentication("y", "STRICT", ", selector: {matchLabels: {}}"),
    authentication("z", "NONSENSE"),
    "# nothing\n",
    "spec: [\n",
    "apiVersion: v1\nkind: List\nitems:\n" +
      ["v", "w"].map((name) => `- ${JSON.stringify(list(name, "STRICT"))}\n`).join(""),
    `apiVersion: v1\nkind: List\nitems: ${JSON.stringify([list("x", "STRICT"), list("u", "NONSENSE")])}\n`,
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\n",
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\ndata: {mesh: 'rootNamespace: a'}\n",
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\ndata: {mesh: 'rootNamespac: a'}\n",
  ];
  let seed = 7;
  const random = (below: number): number => (seed = (seed * 48271) % 2147483647) % below;
  let before: ParsedFile | undefined;
  for (let edit = 0; edit < 400; edit++) {
    const text = join(...Array.from({ length: random(6) }, () => pool[random(pool.length)]!));
    const fresh = parseDocuments(text, file);
    const known = parseDocuments(text, file, before);
    expect(told(known)).toEqual(told(fresh));
    before = known;
  }
});

function list(name: string, mode: string): unknown {
  return {
    apiVersion: "security.istio.io/v1",
    kind: "PeerAuthentication",
    metadata: { name, namespace: "a" },
    spec: { mtls: { mode } },
  };
}
