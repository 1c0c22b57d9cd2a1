/** A version of an object that a proxy refused something of. */
export interface Refused {
  readonly version: string; // `uid generation`
  readonly message: string;
}

/** What one replica knows of its own proxies: a value that travels to the leader as text. */
export interface ReplicaView {
  /** All of its proxies hold every object in the versions that have this digest; "": nothing is published yet. */
  readonly held: string;
  /** Some of the proxies that do not yet hold the newest there is. */
  readonly waiting: readonly string[];
  /** By `Kind/namespace/name`. */
  readonly refused: ReadonlyMap<string, Refused>;
}

const maxRefused = 50;
const maxWaiting = 3;

/** `beat` makes it another text, so that others see that we live. */
export function formatView({ held, waiting, refused }: ReplicaView, beat: string): string {
  const entries = [...refused].slice(0, maxRefused);
  return JSON.stringify({ held, waiting: waiting.slice(0, maxWaiting), refused: Object.fromEntries(entries), beat });
}

/** What another replica wrote; one of another release, whose text we do not understand, holds nothing that we know of. */
export function parseView(text: string): ReplicaView {
  const unknown: ReplicaView = { held: "", waiting: [], refused: new Map() };
  try {
    const { held, waiting, refused } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    if (typeof held !== "string" || !Array.isArray(waiting) || typeof refused !== "object" || !refused) return unknown;
    const isRefused = (entry: [string, unknown]): entry is [string, Refused] => {
      const { version, message } = (entry[1] ?? {}) as Partial<Record<string, unknown>>;
      return typeof version === "string" && typeof message === "string";
    };
    return {
      held,
      waiting: waiting.filter((proxy): proxy is string => typeof proxy === "string"),
      refused: new Map(Object.entries(refused).filter(isRefused)),
    };
  } catch {
    return unknown;
  }
}
