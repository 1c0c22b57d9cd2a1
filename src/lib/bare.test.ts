import { bareObject } from "./bare.ts";

it("inherits nothing, whatever its keys are called", () => {
  const object = bareObject();
  expect(Object.getPrototypeOf(object)).toBeNull();
  expect(["toString", "constructor", "__proto__"].filter((name) => name in object)).toEqual([]);
  object["__proto__"] = { polluted: true };
  expect(Object.keys(object)).toEqual(["__proto__"]);
  expect(object["polluted"]).toBeUndefined();
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});
