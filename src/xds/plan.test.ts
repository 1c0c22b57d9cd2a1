import type { ResourceMap } from "../envoy/index.ts";
import { noResources, type Layers } from "./layers.ts";
import { nameSet, noNames } from "./name-set.ts";
import { plan, type Goal, type Plan } from "./plan.ts";
import { Random } from "./testdata/random.ts";
import { resource } from "./testdata/resources.ts";
import { newTypeState, nothingDue, type TypeState } from "./type-state.ts";

function randomMap(random: Random, prefix: string): ResourceMap {
  const names = Array.from({ length: 6 }, (_, i) => `${prefix}${i}`).filter(() => random.chance(60));
  return new Map(names.map((name) => [name, resource("cds", name, String(random.int(2)))]));
}

const view = ({ adds, removed, absent, say, next }: Plan) => ({
  adds: adds
    .flat()
    .map(({ name, version }) => `${name}@${version}`)
    .sort(),
  removed: [...removed].sort(),
  absent: [...absent].sort(),
  due: [...next.due.names].sort(),
  exceptions: [...next.held.exceptions.keys()].sort(),
  say,
});

it("says the same by whole lists and name by name", () => {
  for (let seed = 1; seed <= 1_000; seed++) {
    const random = new Random(seed);
    const layers = (): Layers => ({
      shared: randomMap(random, "s"),
      own: random.chance(50) ? randomMap(random, "o") : noResources,
    });
    const some = () => nameSet(["s0", "s1", "s2", "o0", "o1", "none"].filter(() => random.chance(50)));
    const selection = { all: random.chance(50), names: some() };
    const names = random.chance(50) ? some() : noNames;
    const due = names.size > 0 ? { names, anything: false } : nothingDue;
    const state: TypeState = { ...newTypeState("cds"), held: { layers: layers(), exceptions: new Map() }, due };
    const goal: Goal = {
      target: layers(),
      selection,
      holdRemovals: random.chance(50),
      waiting: noNames,
      draining: noNames,
    };
    const byLists = view(plan(state, goal));
    // Waiting for a name that nobody has makes no difference but for the way of planning.
    const byNames = view(plan(state, { ...goal, waiting: nameSet(["nobody's"]) }));
    expect({ seed, ...byLists }).toEqual({ seed, ...byNames });
  }
});

it("gives streams in the same state the same lists, so that they are encoded once", () => {
  const target: Layers = { shared: new Map([["a", resource("cds", "a", "1")]]), own: noResources };
  const goal: Goal = {
    target,
    selection: { all: true, names: noNames },
    holdRemovals: false,
    waiting: noNames,
    draining: noNames,
  };
  const [first, second] = [plan(newTypeState("cds"), goal), plan(newTypeState("cds"), goal)];
  expect(first.adds[0]).toHaveLength(1);
  expect(first.adds[0]).toBe(second.adds[0]);
});
