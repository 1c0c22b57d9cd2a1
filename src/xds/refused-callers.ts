/** Somebody who asked for a configuration and got none. Nothing of it is verified but the identity, which its credential bears out. */
export interface RefusedCaller {
  readonly address: string; // of the last attempt
  readonly identity?: string; // namespace/account
  readonly node?: string; // the id that it claims
  readonly reason: string;
  readonly attempts: number;
  readonly at: number; // of the last one; ms since the epoch
}

const maxCallers = 100;
const maxText = 256;
/** Envoy asks again within half a minute: who has not for so long is gone, or was let in. */
const keptMs = 300_000;

/** The callers that were refused lately, for whoever wonders why a proxy is not there. Bounded: anybody may call. */
export class RefusedCallers {
  readonly #callers = new Map<string, RefusedCaller>();

  /** The same caller with the same reason is one; its port is another each time. */
  add(refused: Omit<RefusedCaller, "attempts">): void {
    const { address, at } = refused;
    const reason = shown(refused.reason);
    const identity = refused.identity === undefined ? {} : { identity: shown(refused.identity) };
    const node = refused.node === undefined ? {} : { node: shown(refused.node) };
    const host = refused.node === undefined ? address.replace(/:\d+$/, "") : "";
    const key = JSON.stringify({ host, reason, ...identity, ...node });
    const attempts = (this.#callers.get(key)?.attempts ?? 0) + 1;
    this.#callers.delete(key); // the newest is last
    this.#callers.set(key, { address, ...identity, ...node, reason, attempts, at });
    for (const oldest of this.#callers.keys()) {
      if (this.#callers.size <= maxCallers) break;
      this.#callers.delete(oldest);
    }
  }

  /** A proxy that claims this node was let in. */
  forget(node: string): void {
    for (const [key, caller] of this.#callers) if (caller.node === shown(node)) this.#callers.delete(key);
  }

  /** Those of the last minutes, the newest last. */
  list(now: number): readonly RefusedCaller[] {
    return [...this.#callers.values()].filter(({ at }) => now - at < keptMs);
  }
}

/** What a stranger says is shown in terminals: no control characters, and not for pages. */
function shown(text: string): string {
  return text.slice(0, maxText).replaceAll(/\p{Cc}/gu, "?");
}
