import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { istioCodes } from "./istio-codes.ts";
import { messages, renderMessagePage, withRemedy } from "./messages.ts";

const root = join(__dirname, "../../..");
const read = (file: string) => readFileSync(join(root, file), "utf8");
const byCode = new Map(messages.map((message) => [message.code, message]));
const sources = globSync("src/**/*.ts", { cwd: root }).filter((file) => !/\.test\.ts$|src\/app\/check\//.test(file));

it("is told of each code once, in order within its group", () => {
  expect(byCode.size).toBe(messages.length);
});

it("lists exactly the codes that the sources have", () => {
  const used = sources.flatMap((file) => [...read(file).matchAll(/"((?:HED|IST)\d{3,4})"/g)].map(([, code]) => code));
  expect([...byCode.keys()].sort()).toEqual([...new Set(used)].sort());
});

it("goes through Istio's codes one by one: those of ours that are the same are exactly those that we tell", () => {
  const listed = istioCodes.flatMap(({ codes }) => codes.split(", "));
  expect(new Set(listed).size).toBe(listed.length);
  const first = istioCodes.map(({ codes }) => codes);
  expect(first).toEqual(first.toSorted());
  const told = istioCodes.flatMap(({ ours }) => [...ours.matchAll(/`((?:IST|HED)\d{3,4})`/g)].map(([, code]) => code));
  expect(told.filter((code = "") => !byCode.has(code))).toEqual([]);
  const same = told.filter((code) => code?.startsWith("IST"));
  expect(same).toEqual([...byCode.keys()].filter((code) => code.startsWith("IST")));
  for (const { ours } of istioCodes) expect(ours).toMatch(/^(`(IST|HED)\d+`|none: .{10})/);
});

it("gives the levels that the model reports each code with", () => {
  const codes = new Map(
    [...read("src/model/codes.ts").matchAll(/(\w+): "(\w+\d+)"/g)].map(([, name, code]) => [name, code]),
  );
  const told = new Map<string, Set<string>>();
  for (const file of sources.filter((name) => name.startsWith("src/model/"))) {
    for (const [, call, name] of read(file).matchAll(/\.(error|warn)\(\s*codes\.(\w+)/g)) {
      const code = codes.get(name) ?? "";
      told.set(code, (told.get(code) ?? new Set()).add(call === "warn" ? "warning" : "error"));
    }
  }
  expect(told.size).toBeGreaterThan(30);
  for (const [code, levels] of told)
    expect([code, ...levels].sort()).toEqual([code, ...(byCode.get(code)?.levels ?? [])].sort());
});

it("gives the levels that goldens show", () => {
  const lines = globSync("src/envoy/testdata/**/out.yaml", { cwd: root }).flatMap((file) => [
    ...read(file).matchAll(/ (error|warning|info) ((?:HED|IST)\d+) /g),
  ]);
  expect(lines.length).toBeGreaterThan(40);
  for (const [, level, code = ""] of lines)
    expect([code, byCode.get(code)?.levels]).toEqual([code, expect.arrayContaining([level])]);
});

it("says what to do, where the problem itself does not", () => {
  const problem = { code: "IST0174", level: "warning", message: "m" } as const;
  expect(withRemedy(problem)).toEqual({ ...problem, hint: "mend its host" });
  expect(withRemedy({ ...problem, hint: "write b" }).hint).toBe("write b");
  expect(messages.filter(({ remedy }) => !/^[A-Z].*\.$/.test(remedy))).toEqual([]);
});

it("is what docs/messages.md says", () => {
  if (process.env["HEDDLE_GOLDEN"] === "write") writeFileSync(join(root, "docs/messages.md"), renderMessagePage());
  expect(renderMessagePage()).toBe(read("docs/messages.md"));
});
