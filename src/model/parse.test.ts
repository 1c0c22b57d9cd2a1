import { formatProblem } from "../lib/index.ts";
import { ApiOrigin } from "./api-origin.ts";
import { moveOrigin, parseDocuments, parseObject } from "./parse.ts";
import { documentOf, told } from "./test-support.ts";

const strict = documentOf("security.istio.io/v1", "PeerAuthentication", { mtls: { mode: "STRICT" } });
const parse = (text: string) => parseDocuments(text, "it.yaml");
const errors = (text: string) => told(parse(text).problems);

describe("documents", () => {
  it("reads several, with comments, markers and empty ones between", () => {
    const text = `# first\n---\n${strict}---\n# nothing\n---\n${strict.replace("name: it", "name: other")}...\n`;
    const { objects, problems } = parse(text);
    expect(problems).toEqual([]);
    expect(objects.map(({ metadata }) => metadata.name)).toEqual(["it", "other"]);
    expect(objects[1]?.origin.at(["spec", "mtls", "mode"])).toEqual({ file: "it.yaml", line: 19, column: 5 });
  });

  it("reads JSON, CRLF and a byte order mark", () => {
    const json = JSON.stringify(
      JSON.parse(`{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"a"}}`),
      null,
      "\t",
    );
    expect(parse(json).objects).toHaveLength(1);
    expect(parse(strict.replaceAll("\n", "\r\n")).objects).toHaveLength(1);
    expect(parse(`\uFEFF${strict}`).objects).toHaveLength(1);
  });

  it("takes an object as the API server hands it out: who manages and who owns it is not ours to read", () => {
    const kept = {
      ...{ name: "a", resourceVersion: "7", generation: 1 },
      managedFields: [{ manager: "kubectl", operation: "Apply", fieldsV1: { "f:spec": { "f:mtls": {} } } }],
      ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "b", uid: "c", controller: true }],
    };
    const text = JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata: kept });
    expect(errors(text)).toEqual([]);
  });

  it("holds what is wrong with one object of a List against no other", () => {
    const text = `apiVersion: v1
kind: List
items:
- { apiVersion: v1, kind: Service, metadata: { name: a }, spec: { ports: [{ port: 0 }] } }
- { apiVersion: v1, kind: Service, metadata: { name: b }, spec: { ports: [{ port: 80 }] } }
`;
    const { objects, rejected, problems } = parseDocuments(text, "it.yaml");
    expect(objects.map(({ metadata }) => metadata.name)).toEqual(["b"]);
    expect(rejected.map(({ name }) => name)).toEqual(["a"]);
    expect(problems).toHaveLength(1);
  });

  it("takes a List apart, and says where in it a problem is", () => {
    const list = `apiVersion: v1
kind: List
items:
- ${strict.trimEnd().replaceAll("\n", "\n  ")}
- apiVersion: v1
  kind: Namespace
  metadata: {name: A}
`;
    const { objects, rejected, problems } = parse(list);
    expect(objects).toHaveLength(1);
    expect(objects[0]?.origin.at(["spec"]).line).toBe(8);
    expect(rejected).toEqual([{ kind: "Namespace", namespace: "", name: "A" }]);
    expect(formatProblem(problems[0]!)).toBe(
      'it.yaml:13:14: error HED118 Namespace A metadata.name: "A" is not a name (lower-case letters, digits, dashes and dots)',
    );
  });

  it("says the place and the likely meaning of a misspelt field", () => {
    const { problems } = parse(strict.replace("mtls:", "mtl:"));
    expect(problems.map(formatProblem)).toEqual([
      'it.yaml:6:3: error HED101 PeerAuthentication default/it spec.mtl: unknown field (did you mean "mtls"?)',
    ]);
  });

  it("reads the rest of a file in which one document is broken", () => {
    const { objects, unreadable } = parse(`a: [\n---\n${strict}`);
    expect(objects).toHaveLength(1);
    expect(unreadable).toBe(true);
  });

  it("passes other kinds of Kubernetes over, and warns of kinds that will have no effect", () => {
    const other = (apiVersion: string, kind: string) =>
      `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: a}\n`;
    expect(parse(other("apps/v1", "Deployment")).problems).toEqual([]);
    expect(parse(other("v1", "ServiceAccount")).problems).toEqual([]);
    expect(told(parse(other("telemetry.istio.io/v1", "Telemetry")).problems, "warning")).toEqual(["HED117 kind"]);
    expect(told(parse(other("gateway.networking.k8s.io/v1", "HTTPRoute")).problems, "warning")).toEqual([
      "HED117 kind",
    ]);
    expect(told(parse(other("example.com/v1", "Thing")).problems, "warning")).toEqual(["HED116 kind"]);
    expect(told(parse(other("networking.istio.io/v2", "Sidecar")).problems, "warning")).toEqual(["HED116 apiVersion"]);
    expect(told(parse(other("v1", "Servce")).problems, "warning")).toEqual(["HED116 kind"]);
  });

  it("gives frozen objects whose maps inherit nothing", () => {
    const [object] = parse(strict.replace("name: it", "name: it\n  labels: {app: a}")).objects;
    expect(Object.isFrozen((object?.spec as { mtls: object }).mtls)).toBe(true);
    expect(Object.isFrozen(object?.metadata.labels)).toBe(true);
    expect("toString" in (object?.metadata.labels ?? {})).toBe(false);
  });

  it("takes merge keys and anchors as Kubernetes does", () => {
    const { objects, problems } = parse(`apiVersion: v1
kind: Pod
metadata:
  name: a
  labels: &labels {app: a, version: v1}
  annotations: {<<: *labels, version: v2}
`);
    expect(problems).toEqual([]);
    expect({ ...objects[0]?.metadata.annotations }).toEqual({ version: "v2", app: "a" });
  });
});

describe("F24: a file cut off anywhere", () => {
  const text = `${strict}---\n${documentOf("security.istio.io/v1", "PeerAuthentication", { mtls: { mode: "STRICT" } }, { name: "b", namespace: "prod" })}`;
  it.each(Array.from({ length: text.length }, (_, at) => at))("never opens what was strict: cut at byte %i", (at) => {
    for (const { spec } of parse(text.slice(0, at)).objects) expect(spec).toEqual({ mtls: { mode: "STRICT" } });
  });
});

describe("F25 and F26: bombs", () => {
  it("refuses aliases that stand for too much", () => {
    const rows = Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i}, `.repeat(9)}*a${i}]`);
    const bomb = `a0: &a0 [x, x]\n${rows.join("\n")}\n`;
    expect(errors(bomb)).toEqual([expect.stringMatching(/^HED105 a/)]);
    expect(errors("a: &a [*a]\n")).toContain("HED105 a[0]");
  });

  it.each([
    ["lists", "["],
    ["maps", "{a: "],
    ["maps in lists", "[{a: "],
    ["block lists", "- "],
    ["complex keys", "? "],
  ])("survives deep %s, small then large", (_name, opener) => {
    for (const size of [20_000, 200_000]) {
      const bomb = opener.repeat(size / opener.length);
      expect(errors(bomb)).toEqual(["HED104"]);
      expect(errors(`${strict}---\na: ${bomb}`)).not.toEqual([]);
    }
  });

  it("refuses deep indentation", () => {
    expect(errors(Array.from({ length: 400 }, (_, i) => `${" ".repeat(i)}a:`).join("\n"))).toEqual(["HED104"]);
  });

  it("is not alarmed by brackets in text", () => {
    const many = "[".repeat(150);
    const text = `${strict}# ${many}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a: '${many}'\n  b: "${many}"\n  c: |\n    ${many}\n    - - - -\n  d: a${many}\n`;
    expect(parse(text).problems).toEqual([]);
    const items = Array.from({ length: 500 }, () => "  - {a: [1, 2], b: {c: d}}").join("\n");
    expect(errors(`apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n${items}\n`)).toEqual([]);
  });

  it("refuses what is too large", () => {
    expect(parse("a".repeat(1024 * 1024 + 1)).problems[0]?.code).toBe("HED103");
    expect(parse("é".repeat(1024 * 1024 - 1)).problems[0]?.code).toBe("HED103");
    expect(parse("---\na\n".repeat(6000)).problems[0]?.code).toBe("HED103");
  });

  it("refuses more values than any policy has", () => {
    expect(parse(`a: [${"1,".repeat(200_000)}1]`).problems[0]?.code).toBe("HED103");
  }, 60_000);

  it("bounds the problems it tells", () => {
    const fields = Array.from({ length: 5000 }, (_, i) => `  x${i}: 1`).join("\n");
    expect(parse(strict.replace("spec:", `spec:\n${fields}`)).problems.length).toBeLessThanOrEqual(100);
    expect(parse("---\na\n".repeat(4000)).problems.length).toBeLessThanOrEqual(1000);
  });
});

describe("F28 and F29: keys", () => {
  it.each(["__proto__", "constructor", "prototype", '"__proto__"'])("refuses the key %s", (key) => {
    const text = strict.replace("name: it", `name: it\n  labels:\n    ${key}: "yes"`);
    expect(errors(text)).toContain(`HED107 metadata.labels`);
    expect(parse(text).objects).toEqual([]);
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
  });

  it("refuses a key that stands twice", () => {
    expect(errors(strict.replace("mode: STRICT", "mode: STRICT\n    mode: DISABLE"))).toEqual([
      "HED106 spec.mtls.mode",
    ]);
  });

  it("keeps the first of two objects of one name", () => {
    const { objects, problems } = parse(`${strict}---\n${strict.replace("STRICT", "DISABLE")}`);
    expect(objects.map(({ spec }) => spec)).toEqual([{ mtls: { mode: "STRICT" } }]);
    expect(problems.map(formatProblem)).toEqual([
      "it.yaml:12:3: error HED212 PeerAuthentication default/it metadata.name: another PeerAuthentication has the same name: it.yaml:4 holds (the older one holds, then the first by path and line)",
    ]);
  });

  it("keeps the older of two objects of one name", () => {
    const at = (time: string, mode: string) =>
      documentOf("security.istio.io/v1", "PeerAuthentication", { mtls: { mode } }, { creationTimestamp: time });
    const text = `${at("2024-05-01T00:00:00Z", "DISABLE")}---\n${at("2023-05-01T00:00:00Z", "STRICT")}`;
    expect(parse(text).objects.map(({ spec }) => spec)).toEqual([{ mtls: { mode: "STRICT" } }]);
  });
});

describe("F24 and F30: values that are not what they look like", () => {
  const port = (value: string) => `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: it}
spec:
  hosts: [a.example.com]
  ports: [{name: http, number: ${value}, protocol: HTTP}]
`;
  it.each([
    "1e400",
    ".nan",
    ".inf",
    "99999999999999999999",
    "010",
    "-1",
    "0",
    "65536",
    "80.5",
    "0x50000",
    '"80"',
    "null",
    "~",
    "",
    "[80]",
    "true",
  ])("refuses the port %s", (value) => {
    expect(errors(port(value))[0]).toMatch(/spec\.ports\[0\]\.number$/);
  });

  it.each(["80", "8_0", "0x50"])("says something of %s or takes it as the number it is", (value) => {
    const { objects, problems } = parse(port(value));
    if (problems.length === 0) expect(objects[0]?.spec).toMatchObject({ ports: [{ number: 80 }] });
  });

  it.each(["spec:", "spec: ~", "spec: []", "spec: x", "other: {}"])("refuses an object with %s", (spec) => {
    expect(
      errors(`apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: a}\n${spec}\n`),
    ).not.toEqual([]);
  });

  it.each(["!!binary aGk=", "!custom x", "&a [*b]", "!!set {a}"])("refuses %s", (value) => {
    expect(errors(strict.replace("mode: STRICT", `mode: ${value}`))).not.toEqual([]);
  });

  it("refuses NUL and half characters in text", () => {
    expect(errors(strict.replace("STRICT", '"a\\0b"'))).toContain("HED120 spec.mtls.mode");
    expect(errors(strict.replace("STRICT", '"\\uD800"'))).not.toEqual([]);
  });
});

describe("F31: names", () => {
  const named = (name: string, namespace = "default") =>
    `apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: ${JSON.stringify(name)}, namespace: ${JSON.stringify(namespace)}}\nspec: {}\n`;
  it.each(["A", "a_b", "../a", "a/b", "a\nb", "a b", "-a", "a.", ".a", "a".repeat(254), "*", "é"])(
    "refuses the name %j",
    (name) => {
      expect(errors(named(name))).toEqual(["HED118 metadata.name"]);
      if (!name.includes("/") && name.length < 64)
        expect(errors(named("a", name))).toEqual(["HED118 metadata.namespace"]);
    },
  );
  it.each(["a", "a.b", "a-1", "1", "a".repeat(63)])("takes the name %j", (name) => {
    expect(errors(named(name))).toEqual([]);
  });
});

describe("decoded objects", () => {
  const origin = { file: "kubernetes", at: () => ({ file: "kubernetes", line: 1, column: 1 }) };
  it("are held to the same rules", () => {
    const raw = {
      apiVersion: "security.istio.io/v1",
      kind: "PeerAuthentication",
      metadata: { name: "a" },
      spec: { mtls: { mode: "STRICT" } },
    };
    expect(parseObject(raw, origin).object?.spec).toEqual(raw.spec);
    expect(told(parseObject({ ...raw, spec: { mtl: {} } }, origin).problems)).toEqual(["HED101 spec.mtl"]);
    expect(told(parseObject(JSON.parse(`{"__proto__": 1}`), origin).problems)[0]).toBe("HED107 __proto__");
  });
  it("say name and version in the place of file and line", () => {
    const api = (version: string) => new ApiOrigin("PeerAuthentication/default/a", version);
    const raw = {
      apiVersion: "security.istio.io/v1",
      kind: "PeerAuthentication",
      metadata: { name: "a" },
      spec: { mtls: { mode: "STRCT" } },
    };
    expect(parseObject(raw, api("7")).problems.map(formatProblem)[0]).toMatch(
      /^PeerAuthentication\/default\/a@7: error HED112 PeerAuthentication default\/a spec.mtls.mode: /,
    );
    const [kept, fresh] = ["8", "9"].map((version) => parseObject({ ...raw, spec: {} }, api(version)).object);
    if (kept && fresh) moveOrigin(kept, fresh);
    expect(kept?.origin.file).toBe("PeerAuthentication/default/a@9");
  });
  it.each([null, undefined, 1, "a", [], {}, { kind: 1, apiVersion: {} }, () => 1, Symbol("a"), 1n])(
    "never throw: %p",
    (raw) => {
      expect(parseObject(raw, origin).object).toBeUndefined();
    },
  );
  it("are bounded in depth", () => {
    let raw: unknown = 1;
    for (let i = 0; i < 100_000; i++) raw = [raw];
    expect(told(parseObject(raw, origin).problems)[0]).toMatch(/^HED104/);
  });
});
