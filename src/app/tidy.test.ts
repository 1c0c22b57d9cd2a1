import { createLog } from "../lib/index.ts";
import { createTidying } from "./tidy.ts";

const { gc } = globalThis;
afterEach(() => {
  if (gc) globalThis.gc = gc;
  else Reflect.deleteProperty(globalThis, "gc");
});

it("collects all there is, once", () => {
  const asked: unknown[] = [];
  globalThis.gc = ((options: unknown) => void asked.push(options)) as NonNullable<typeof gc>;
  const tidy = createTidying(createLog("silent"));
  tidy();
  tidy();
  expect(asked).toEqual([{ type: "major", execution: "sync", flavor: "last-resort" }]);
});

it("does nothing where Node was started without the flag", () => {
  Reflect.deleteProperty(globalThis, "gc");
  expect(createTidying(createLog("silent"))).not.toThrow();
});
