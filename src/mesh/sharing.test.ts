import fc from "fast-check";
import { groupBy, regroup, type Grouping } from "./sharing.ts";

interface Item {
  readonly group: string;
  readonly id: number;
}

it("groups again only what has changed, and comes out as if all were grouped anew", () => {
  const lists = fc.array(
    fc.array(fc.record({ group: fc.constantFrom("a", "b", "c"), id: fc.nat(3) }), { maxLength: 6 }),
  );
  fc.assert(
    fc.property(lists, (versions) => {
      const known = new Map<string, Item>(); // an item that says the same is the same object
      let grouping: Grouping<string, Item> | undefined;
      for (const version of versions) {
        const items = version.map((item, i) => {
          const key = `${i}/${item.group}/${item.id}`;
          if (!known.has(key)) known.set(key, item);
          return known.get(key) ?? item;
        });
        const before = grouping?.groups;
        grouping = regroup(items, ({ group }) => group, grouping);
        const anew = groupBy(items, ({ group }) => group);
        expect([...grouping.groups]).toEqual([...anew]);
        const same = [...anew].filter(([key, group]) => sameMembers(before?.get(key), group));
        for (const [key] of same) expect(grouping.groups.get(key)).toBe(before?.get(key));
      }
    }),
  );
});

function sameMembers(before: readonly Item[] | undefined, now: readonly Item[]): boolean {
  return before?.length === now.length && before.every((item, i) => item === now[i]);
}
