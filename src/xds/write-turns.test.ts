import { until } from "./testdata/until.ts";
import { WriteTurns } from "./write-turns.ts";

it("goes on with what has begun before it begins another, and begins another while none can go on", async () => {
  const turns = new WriteTurns();
  const order: string[] = [];
  const isStuck = (name: string, piece: number) => name === "slow" && piece === 2;
  const write = (name: string, piece: number): void => {
    if (isStuck(name, piece)) return;
    turns.add(() => {
      order.push(`${name}${piece}`);
      if (piece < 9) write(name, piece + 1); // as if the socket took it at once
    }, piece > 1);
  };
  for (const name of ["slow", "a", "b"]) write(name, 1);
  await until(() => order.length === 19, "all but what is stuck");
  expect(order[0]).toBe("slow1");
  expect(order.slice(1).join(" ")).toBe(
    [..."ab"].map((name) => [1, 2, 3, 4, 5, 6, 7, 8, 9].map((piece) => `${name}${piece}`).join(" ")).join(" "),
  );
});

it("lets other things happen between pieces", async () => {
  const turns = new WriteTurns();
  let written = 0;
  let between = 0;
  for (let i = 0; i < 40; i++) turns.add(() => (written += 1), false);
  const look = (): void => {
    if (written < 40) {
      between += 1;
      setImmediate(look);
    }
  };
  look();
  await until(() => written === 40, "all");
  expect(between).toBeGreaterThanOrEqual(10);
});
