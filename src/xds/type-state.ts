import type { Resource, XdsType } from "../envoy/index.ts";
import { nothing, type Layers } from "./layers.ts";
import { noNames, type NameSet } from "./name-set.ts";
import { unsubscribed, type Subscription } from "./subscription.ts";

/**
 * What a client holds, as far as it is subscribed: the layers it was last brought to, but for a few exceptions.
 * A stream so needs no list of its own of what it was sent.
 */
export interface Held {
  readonly layers: Layers;
  /** What the client holds instead; undefined: nothing. */
  readonly exceptions: ReadonlyMap<string, Resource | undefined>;
}

/** What must be answered whatever the client holds: these names, or at least an empty response. */
export interface Due {
  readonly names: NameSet;
  readonly anything: boolean;
}

/** A version that the client refused. It is never sent to it again. */
export interface Rejection {
  readonly resource: Resource;
  readonly message: string;
  readonly at: number; // ms since the epoch
  readonly sequence: number; // of the publication that it was first sent for
}

/** The one response of this type that has not been acknowledged yet, and how things stood before it. */
export interface Flight {
  readonly nonce: string;
  readonly version: string;
  readonly sentAt: number;
  readonly sequence: number;
  readonly adds: readonly (readonly Resource[])[];
  readonly removed: readonly string[];
  readonly undo: { readonly held: Held; readonly due: Due };
}

/** One type on one stream: a value; each step of the protocol makes the next one. */
export interface TypeState {
  readonly type: XdsType;
  readonly subscription: Subscription;
  readonly held: Held;
  readonly due: Due;
  readonly rejected: ReadonlyMap<string, Rejection>;
  /** Parts of a refused response that are sent one after the other, to find which resource it was. */
  readonly trials: readonly NameSet[];
  readonly flight: Flight | undefined;
  readonly lastNonce: string;
  readonly lastVersion: string;
  /** Newest publication that the client has acknowledged all of. */
  readonly acked: number;
}

export const noExceptions: ReadonlyMap<string, Resource | undefined> = new Map();
export const holdsNothing: Held = Object.freeze({ layers: nothing, exceptions: noExceptions });
export const nothingDue: Due = Object.freeze({ names: noNames, anything: false });
export const noRejections: ReadonlyMap<string, Rejection> = new Map();

export function newTypeState(type: XdsType): TypeState {
  return {
    type,
    subscription: unsubscribed,
    held: holdsNothing,
    due: nothingDue,
    rejected: noRejections,
    trials: [],
    flight: undefined,
    lastNonce: "",
    lastVersion: "",
    acked: 0,
  };
}
