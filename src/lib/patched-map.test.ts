import fc from "fast-check";
import { changedKeys, patchedFrom, patchMap } from "./patched-map.ts";

const [some, every] = [
  ["a", "b", "c"],
  ["a", "b", "c", "d"],
];
const value = fc.option(fc.nat(3), { nil: undefined });
const edits = fc.array(fc.array(fc.tuple(fc.constantFrom(...every), value), { maxLength: 3 }));

it("is in all that can be asked as a copy in which the entries were set", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom(...some), value)), edits, (first, versions) => {
      let map: ReadonlyMap<string, number | undefined> = new Map(first);
      let copy = new Map(first);
      for (const entries of versions) {
        const before = map;
        const old = copy;
        copy = new Map([...copy, ...entries]);
        map = patchMap(map, entries);
        expect([...map]).toEqual([...copy]);
        expect([...map.entries()]).toEqual([...copy]);
        expect([...map.keys()]).toEqual([...copy.keys()]);
        expect([...map.values()]).toEqual([...copy.values()]);
        expect(map.size).toBe(copy.size);
        const seen: unknown[] = [];
        map.forEach((one, key, all) => seen.push([key, one, all === map]));
        expect(seen).toEqual([...copy].map(([key, one]) => [key, one, true]));
        for (const key of every) {
          expect(map.get(key)).toBe(copy.get(key));
          expect(map.has(key)).toBe(copy.has(key));
        }
        expect([...before]).toEqual([...old]);
        const changed = [...copy].filter(([key, one]) => !old.has(key) || old.get(key) !== one).map(([key]) => key);
        const told = changedKeys(before, map);
        if (old.size === copy.size) expect(told?.toSorted()).toEqual(changed.toSorted());
        else expect(told).toBeUndefined();
        if (changed.length === 0) expect(map).toBe(before);
      }
    }),
  );
});

it("becomes a map of its own when it differs in many values", () => {
  const first = new Map(Array.from({ length: 200 }, (_, i) => [i, "old"] as const));
  let map: ReadonlyMap<number, string> = first;
  for (let i = 0; i < 60; i++) map = patchMap(map, [[i, "new"]]);
  expect(patchedFrom(map)).toBe(first);
  expect(changedKeys(first, map)).toHaveLength(60);
  for (let i = 60; i < 70; i++) map = patchMap(map, [[i, "new"]]);
  expect(patchedFrom(map)).not.toBe(first);
  expect(changedKeys(first, map)).toBeUndefined();
  expect([...map.values()].filter((one) => one === "new")).toHaveLength(70);
  expect(first.get(0)).toBe("old");
});
