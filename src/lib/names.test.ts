import { byCodeUnit, placeIn } from "./names.ts";

it("finds the place of a text in a sorted list, there or not", () => {
  const sorted = ["b", "d", "f"];
  const places = ["a", "b", "c", "d", "e", "f", "g"].map((text) => placeIn(sorted, (item) => byCodeUnit(item, text)));
  expect(places).toEqual([0, 0, 1, 1, 2, 2, 3]);
  expect(placeIn([], () => 0)).toBe(0);
});
