import { minus, nameSet, noNames, plus, type NameSet } from "./name-set.ts";

/** What a client has asked for, of one type on one stream. */
export interface Subscription {
  readonly wildcard: boolean;
  readonly names: NameSet;
  /** Names were given at some time: from then on an empty list means nothing, not everything. */
  readonly named: boolean;
}

/** A subscription after a request, and what must be answered even if the client holds it already. */
export interface Change {
  readonly subscription: Subscription;
  readonly asked: NameSet;
  /** The wildcard is new: all that it covers is to be sent. */
  readonly all: boolean;
  readonly dropped: NameSet;
}

export const unsubscribed: Subscription = { wildcard: false, names: noNames, named: false };

const star = "*";
const onlyStar = nameSet([star]);

/** Takes the wildcard out of what was asked for. */
function takeStar(asked: NameSet): { star: boolean; names: NameSet } {
  return asked.has(star) ? { star: true, names: minus(asked, onlyStar) } : { star: false, names: asked };
}

/**
 * State of the world: the list is the whole subscription.
 * https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#how-the-client-specifies-what-resources-to-return
 */
export function subscribeSotw(before: Subscription, list: NameSet): Change {
  const parsed = takeStar(list);
  const named = before.named || list.size > 0;
  const wildcard = parsed.star || !named;
  return {
    subscription: { wildcard, names: parsed.names, named },
    asked: parsed.names === before.names ? noNames : minus(parsed.names, before.names),
    all: wildcard && !before.wildcard,
    dropped: parsed.names === before.names ? noNames : minus(before.names, parsed.names),
  };
}

/**
 * Delta: the lists are changes. An empty first request is the wildcard, as long as no name was ever given.
 * A name given up while the wildcard still covers it is answered, so that the client knows whether it is there.
 */
export function subscribeDelta(before: Subscription, add: NameSet, drop: NameSet): Change {
  if (add.size === 0 && drop.size === 0 && (before.named || before.wildcard)) {
    return { subscription: before, asked: noNames, all: false, dropped: noNames };
  }
  const added = takeStar(add);
  const removed = takeStar(drop);
  const named = before.named || add.size > 0 || drop.size > 0;
  const wildcard = (before.wildcard || added.star || !named) && !removed.star;
  const given = [...removed.names].filter((name) => before.names.has(name) || added.names.has(name));
  const names = minus(plus(before.names, added.names), removed.names);
  const kept = minus(added.names, removed.names);
  return {
    subscription: { wildcard, names, named },
    asked: wildcard && given.length > 0 ? plus(kept, nameSet(given)) : kept,
    all: wildcard && !before.wildcard,
    dropped: nameSet(given),
  };
}
