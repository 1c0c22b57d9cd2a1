import type { Resource } from "../envoy/index.ts";
import { nameSet, noNames, plus, type NameSet } from "./name-set.ts";
import type { Plan } from "./plan.ts";
import { haveOf, unknownResource } from "./holding.ts";
import { nothingDue, type Flight, type Held, type Rejection, type TypeState } from "./type-state.ts";

/** Moves on to what a plan leads to, with nothing sent. */
export function commit(state: TypeState, { next }: Plan): TypeState {
  return { ...state, ...next };
}

/** The plan is on its way: what it leads to is taken as held until the client says otherwise. */
export function takeOff(
  state: TypeState,
  { adds, removed, next }: Plan,
  sent: Pick<Flight, "nonce" | "version" | "sentAt" | "sequence">,
): TypeState {
  const flight: Flight = { ...sent, adds, removed, undo: { held: state.held, due: state.due } };
  return { ...state, ...next, flight, lastNonce: sent.nonce, lastVersion: sent.version };
}

/** The client took it. */
export function land(state: TypeState): TypeState {
  return { ...state, flight: undefined, trials: state.trials.slice(1) };
}

const nameCharacter = /[\w|/*-]/;

/** The text holds the name as a whole: `outbound|80||a.b` is not in `... outbound|80||a.b.c ...`. Short names say nothing: "80" is in many a text. */
export function mentions(text: string, name: string): boolean {
  if (name.length < 6) return false;
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const before = text[at - 1] ?? " ";
    const after = text.slice(at + name.length, at + name.length + 2);
    const continues = /^[.:]/.test(after) ? nameCharacter.test(after[1] ?? " ") : nameCharacter.test(after[0] ?? " ");
    if (!nameCharacter.test(before) && before !== "." && !continues) return true;
  }
  return false;
}

/** Two halves, to be tried one after the other. */
function halve(names: readonly string[]): NameSet[] {
  const middle = Math.ceil(names.length / 2);
  return [nameSet(names.slice(0, middle)), nameSet(names.slice(middle))];
}

/** No version of ours. */
const unknownVersion = "?";

/** The client may have taken these or not: whatever they shall be next is sent, be it a removal or what it held before. */
function doubt(held: Held, resources: readonly Resource[]): Held {
  if (resources.length === 0) return held;
  const exceptions = new Map(held.exceptions);
  for (const { type, name } of resources) {
    const old = haveOf(held, name);
    exceptions.set(name, { ...(old ?? unknownResource(type, name)), version: unknownVersion });
  }
  return { ...held, exceptions };
}

/**
 * The client refused it. Envoy refuses a response as a whole, though it may have taken the good part of it; so the resources
 * that its text names are not sent again, and everything else is. Where the text names none, halves are tried until the bad one is alone.
 */
export function refuse(state: TypeState, message: string, at: number): TypeState {
  const { flight } = state;
  if (!flight) return state;
  const resources = flight.adds.flat();
  const named = resources.filter(({ name }) => mentions(message, name));
  const guilty = resources.length === 1 ? resources : named;
  const innocent = resources.filter((resource) => !guilty.includes(resource));
  const before: TypeState = {
    ...state,
    flight: undefined,
    held: doubt(flight.undo.held, innocent),
    due: { names: plus(flight.undo.due.names, state.due.names), anything: false },
  };
  if (resources.length === 0) return { ...state, flight: undefined, due: nothingDueBut(state) }; // it refused a removal: nothing to find
  const reject = (list: readonly Resource[]): Map<string, Rejection> => {
    const rejected = new Map(state.rejected);
    for (const resource of list) rejected.set(resource.name, { resource, message, at, sequence: flight.sequence });
    return rejected;
  };
  const rest = state.trials.slice(1);
  if (guilty.length > 0) {
    const again = state.trials.length > 0 && innocent.length > 0 ? [nameSet(innocent.map(({ name }) => name))] : [];
    return { ...before, rejected: reject(guilty), trials: [...again, ...rest] };
  }
  return { ...before, trials: [...halve(resources.map(({ name }) => name)), ...rest] };
}

function nothingDueBut(state: TypeState): TypeState["due"] {
  return state.due.names === noNames ? nothingDue : { names: state.due.names, anything: false };
}
