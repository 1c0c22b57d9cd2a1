import { parseTree } from "./origin.ts";

it.each([
  ["commas", `a: [${",".repeat(1000)}]`],
  ["brackets", "]\n".repeat(1000)],
  ["quotes", '"'.repeat(1000)],
  ["tags", "!a ".repeat(1000)],
  ["colons", ": ".repeat(1000)],
  ["maps in maps", "- a: b: c\n".repeat(1000)],
])("stops at a few faults, where %s make a thousand", (_what, text) => {
  expect(parseTree(text).faults.length).toBe(10);
});

it("tells each fault with its place", () => {
  expect(parseTree("a: 1\nb: !odd x\nc: [1").faults.map(({ offset }) => offset)).toEqual([8, 20]);
  expect(parseTree("a: 1\n").faults).toEqual([]);
});
