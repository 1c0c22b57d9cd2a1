import { RefusedCallers } from "./refused-callers.ts";

const caller = { address: "10.0.0.9:4000", reason: "no", at: 0 };

it("keeps the newest hundred, however many call", () => {
  const callers = new RefusedCallers();
  for (let n = 0; n < 1_000; n++) callers.add({ ...caller, node: `node-${n}` });
  expect(callers.list(0)).toHaveLength(100);
  expect(callers.list(0).at(-1)?.node).toBe("node-999");
});

it("takes one machine without a node for one caller, whatever its port", () => {
  const callers = new RefusedCallers();
  callers.add(caller);
  callers.add({ ...caller, address: "10.0.0.9:5000", at: 1 });
  callers.add({ ...caller, address: "10.0.0.10:5000", at: 1 });
  expect(callers.list(1)).toEqual([
    { address: "10.0.0.9:5000", reason: "no", attempts: 2, at: 1 },
    { address: "10.0.0.10:5000", reason: "no", attempts: 1, at: 1 },
  ]);
});

it("shows nothing that a terminal would obey, and no more than a line", () => {
  const callers = new RefusedCallers();
  callers.add({ ...caller, node: `\u001b[2Jedge\n${"x".repeat(10_000)}` });
  const [{ node = "" } = {}] = callers.list(0);
  expect(node.slice(0, 9)).toBe("?[2Jedge?");
  expect(node).toHaveLength(256);
});
