import { waitFor } from "../harness/wait.ts";
import type { Dial } from "./grpc-stream.ts";
import type { LoneServer } from "./lone-server.ts";
import { ScriptedSidecar } from "./sidecar.ts";

/** How many service accounts a fleet shares: each has a certificate of its own. */
export const accounts = 20;

/** Sidecars `app-0`, `app-1`, … of namespace shop, that share a few service accounts and hold a token for each. */
export class Fleet {
  readonly sidecars: readonly ScriptedSidecar[];
  readonly #dials: readonly Dial[];

  private constructor(sidecars: readonly ScriptedSidecar[], dials: readonly Dial[]) {
    this.sidecars = sidecars;
    this.#dials = dials;
  }

  /** Nobody is connected yet. */
  static async of(server: LoneServer, size: number): Promise<Fleet> {
    const sidecars = Array.from(
      { length: size },
      (_, n) => new ScriptedSidecar({ name: `app-${n}`, namespace: "shop" }),
    );
    const dials = await Promise.all(Array.from({ length: accounts }, (_, n) => dialAs(server, `app-${n}`)));
    return new Fleet(sidecars, dials);
  }

  connect(): void {
    this.sidecars.forEach((sidecar, n) => sidecar.connect(this.#dials[n % accounts] as Dial));
  }

  /** Opens again what has ended, as Envoy does; a short wait between. Returns how many there were. */
  reopen(): number {
    const ended = this.sidecars.flatMap((sidecar, n) => (sidecar.end ? [{ sidecar, n }] : []));
    for (const { sidecar, n } of ended) sidecar.connect(this.#dials[n % accounts] as Dial);
    return ended.length;
  }

  /** Resolves with the milliseconds until the condition held for all. */
  async until(what: string, condition: (sidecar: ScriptedSidecar) => boolean, timeoutMs = 120_000): Promise<number> {
    const started = performance.now();
    const open = new Set(this.sidecars);
    await waitFor(
      `all of ${open.size} sidecars to ${what}`,
      () => {
        for (const sidecar of open) if (condition(sidecar)) open.delete(sidecar);
        return open.size === 0 ? true : undefined;
      },
      { timeoutMs, everyMs: 20 },
    );
    return performance.now() - started;
  }

  close(): void {
    for (const sidecar of this.sidecars) sidecar.close();
  }
}

/** How a workload of namespace shop with this service account reaches the server. */
export async function dialAs(server: LoneServer, serviceAccount: string, namespace = "shop"): Promise<Dial> {
  const authority = await server.authority();
  const made = await authority.tokens.createToken({ namespace, serviceAccount, ttlMs: 3_600_000 });
  if ("refused" in made) throw new Error(made.refused);
  return { port: server.port, roots: authority.bundle(), token: made.token };
}
