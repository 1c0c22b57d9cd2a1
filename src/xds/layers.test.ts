import fc from "fast-check";
import type { Resource, ResourceMap } from "../envoy/index.ts";
import { patchMap } from "../lib/index.ts";
import { diff } from "./layers.ts";
import { versionOf } from "./response.ts";
import { noExceptions } from "./type-state.ts";

const names = ["a", "b", "c", "d"];
const resource = (name: string, version: string): Resource => ({
  type: "eds",
  name,
  version,
  bytes: new Uint8Array(),
  provenance: [],
});
const edits = fc.array(
  fc.array(fc.tuple(fc.constantFrom(...names), fc.constantFrom("1", "2")), { minLength: 1, maxLength: 3 }),
  { maxLength: 6 },
);
const versionOfMap = (shared: ResourceMap): string =>
  versionOf({ layers: { shared, own: new Map() }, exceptions: noExceptions });

it("tells of a patched map what it tells of one that was made anew, in the same order", () => {
  fc.assert(
    fc.property(edits, (versions) => {
      let map: ResourceMap = new Map(names.map((name) => [name, resource(name, "1")]));
      for (const entries of versions) {
        const before = map;
        map = patchMap(
          map,
          entries.map(([name, version]) => [name, resource(name, version)] as const),
        );
        expect(diff(before, map)).toEqual(diff(new Map(before), new Map(map)));
        expect(versionOfMap(map)).toBe(versionOfMap(new Map(map)));
      }
    }),
  );
});
