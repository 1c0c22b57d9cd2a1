import type { Clock, Log } from "../../lib/index.ts";

/** When a JWT ends, in ms since the epoch, by its own word (nobody is believed because of it); undefined where it does not say. */
export function expiryOf(token: string): number | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
    const exp = typeof claims === "object" && claims !== null && "exp" in claims ? claims.exp : undefined;
    return typeof exp === "number" && Number.isFinite(exp) ? exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}

const retryMs = 10_000;
const longestTimerMs = 24 * 3600_000;

/**
 * Replaces a token when half of what is left of its life is over, for as long as it is not stopped. A failure is tried again
 * soon: the old token is still good for the other half.
 */
export function keepTokenFresh(
  first: string,
  create: () => Promise<string>,
  write: (token: string) => Promise<void>,
  { clock, log }: { clock: Clock; log: Log },
): () => void {
  let cancel = () => {};
  let stopped = false;
  const renewAfter = (token: string): number | undefined => {
    const expiry = expiryOf(token);
    return expiry === undefined ? undefined : Math.min(Math.max(1000, (expiry - clock.now()) / 2), longestTimerMs);
  };
  const schedule = (ms: number | undefined) => {
    if (ms !== undefined && !stopped) cancel = clock.after(ms, () => void renew());
  };
  const renew = async () => {
    try {
      const token = await create();
      if (stopped) return;
      await write(token);
      schedule(renewAfter(token));
    } catch (error) {
      log.warn({ error: error instanceof Error ? error.message : String(error) }, "no new token for a sidecar yet");
      schedule(retryMs);
    }
  };
  schedule(renewAfter(first));
  return () => {
    stopped = true;
    cancel();
  };
}
