import type { Resource } from "../envoy/index.ts";
import { haveOf } from "./holding.ts";
import { diff, lookup, missing, select, selects, type Layers, type Selection } from "./layers.ts";
import { nameSet, noNames, type NameSet } from "./name-set.ts";
import { noExceptions, noRejections, nothingDue } from "./type-state.ts";
import type { Due, Held, Rejection, TypeState } from "./type-state.ts";

/** Where a client is to be brought. */
export interface Goal {
  readonly target: Layers;
  readonly selection: Selection;
  /** Keep what is gone for now: something may still refer to it. */
  readonly holdRemovals: boolean;
  /** Names that cannot be answered yet. */
  readonly waiting: NameSet;
  /** Names that are gone and stay with the client for now, when other removals go. */
  readonly draining: NameSet;
}

/** What to say next to a client, and how things stand once it is said. */
export interface Plan {
  readonly adds: readonly (readonly Resource[])[]; // arrays may be shared between streams; no name occurs twice
  readonly removed: readonly string[];
  readonly absent: readonly string[]; // asked for, and there is no such resource
  readonly next: Pick<TypeState, "held" | "due" | "rejected" | "trials">;
  readonly anything: boolean; // the client waits for a word, even if there is nothing to say
  readonly say: boolean; // false: nothing to say, only remember `next`
}

/** The next step from what a client holds towards the goal. Its cost grows with what differs, not with what there is. */
export function plan(state: TypeState, goal: Goal): Plan {
  const simple =
    state.held.exceptions.size === 0 &&
    state.rejected.size === 0 &&
    state.trials.length === 0 &&
    goal.waiting.size === 0 &&
    goal.draining.size === 0;
  if (simple) return planShared(state, goal);
  for (let trials = state.trials; ; trials = trials.slice(1)) {
    const careful = planNames({ ...state, trials }, goal);
    if (trials.length === 0 || careful.adds.length + careful.removed.length + careful.absent.length > 0) return careful;
  }
}

/** The common case, on whole lists: streams of one scope in the same state get the same arrays, which are encoded once. */
function planShared(state: TypeState, goal: Goal): Plan {
  const { layers } = state.held;
  const { target, selection } = goal;
  const shared = diff(layers.shared, target.shared);
  const own = diff(layers.own, target.own);
  const adds = [select(shared.changed, selection), select(own.changed, selection)];
  const gone = [...select(shared.removed, selection), ...select(own.removed, selection)].filter(
    ({ name }) => lookup(target, name) === undefined,
  );
  if (goal.holdRemovals && gone.length > 0 && state.due.names.size > 0) return planNames(state, goal);
  const again: Resource[] = [];
  for (const name of layers.shared.size + layers.own.size === 0 ? noNames : state.due.names) {
    const layer = target.own.has(name) ? "own" : "shared";
    const want = target[layer].get(name);
    if (want && selects(selection, name) && layers[layer].get(name)?.version === want.version) again.push(want);
  }
  adds.push(again);
  const absent = missing(state.due.names, target);
  const goneNames = new Set(gone.map(({ name }) => name));
  const exceptions = goal.holdRemovals && gone.length > 0 ? new Map(gone.map((r) => [r.name, r])) : noExceptions;
  const removed = goal.holdRemovals ? [] : [...goneNames];
  return finish(state, {
    adds: adds.filter((list) => list.length > 0),
    removed,
    absent: removed.length === 0 ? absent : absent.filter((name) => !goneNames.has(name)),
    held: { layers: target, exceptions },
    due: noNames,
    rejected: noRejections,
  });
}

interface Draft {
  readonly adds: readonly (readonly Resource[])[];
  readonly removed: readonly string[];
  readonly absent: readonly string[];
  readonly held: Held;
  readonly due: NameSet;
  readonly rejected: ReadonlyMap<string, Rejection>;
}

function finish(state: TypeState, { adds, removed, absent, held, due, rejected }: Draft): Plan {
  const { anything } = state.due;
  const say = anything || adds.length + removed.length + absent.length > 0;
  const nextDue: Due = due.size === 0 ? nothingDue : { names: due, anything: false };
  return { adds, removed, absent, anything, say, next: { held, due: nextDue, rejected, trials: state.trials } };
}

/** Every name that may need a word. */
function* candidates(state: TypeState, target: Layers): Generator<string> {
  for (const layer of ["shared", "own"] as const) {
    const { changed, removed } = diff(state.held.layers[layer], target[layer]);
    for (const { name } of changed) yield name;
    for (const { name } of removed) yield name;
  }
  yield* state.held.exceptions.keys();
  yield* state.due.names;
  yield* state.rejected.keys();
}

/** What becomes of one name. `hold`: the client keeps what it has. */
type Step = "add" | "remove" | "absent" | "hold" | "skip";

function stepFor(
  state: TypeState,
  goal: Goal,
  name: string,
  want: Resource | undefined,
  have: Resource | undefined,
): Step {
  const isDue = state.due.names.has(name);
  if (!selects(goal.selection, name)) return isDue && !want ? "absent" : "skip";
  if (isRefused(state, name, want)) return "hold";
  if (!want && have && (goal.holdRemovals || goal.draining.has(name))) return "hold";
  if (!isDue && want?.version === have?.version) return "skip";
  const [trial] = state.trials;
  if (goal.waiting.has(name) || (trial !== undefined && !trial.has(name))) return "hold";
  if (want) return "add";
  return have ? "remove" : "absent";
}

function isRefused(state: TypeState, name: string, want: Resource | undefined): boolean {
  const refusal = state.rejected.get(name);
  return refusal !== undefined && refusal.resource.version === want?.version;
}

/** Name by name: for clients that refused something, hold something unexpected, or wait. */
function planNames(state: TypeState, goal: Goal): Plan {
  const adds: Resource[] = [];
  const removed: string[] = [];
  const absent: string[] = [];
  const exceptions = new Map<string, Resource | undefined>();
  const due: string[] = [];
  const rejected = new Map<string, Rejection>();
  for (const name of new Set(candidates(state, goal.target))) {
    const want = lookup(goal.target, name);
    const have = haveOf(state.held, name);
    const step = stepFor(state, goal, name, want, have);
    const refusal = state.rejected.get(name);
    if (step === "add" && want) adds.push(want);
    else if (step === "remove") removed.push(name);
    else if (step === "absent") absent.push(name);
    if (step !== "hold") continue;
    if (have !== want) exceptions.set(name, have);
    if (refusal && isRefused(state, name, want)) rejected.set(name, refusal);
    else if (state.due.names.has(name)) due.push(name);
  }
  return finish(state, {
    adds: adds.length > 0 ? [adds] : [],
    removed,
    absent,
    held: { layers: goal.target, exceptions: exceptions.size > 0 ? exceptions : noExceptions },
    due: nameSet(due),
    rejected: rejected.size > 0 ? rejected : noRejections,
  });
}
