import { setTimeout as pause } from "node:timers/promises";
import type { Probe } from "../../mesh/index.ts";
import { askExec } from "./ask-exec.ts";
import { askGrpc } from "./ask-grpc.ts";
import { askHttp } from "./ask-http.ts";
import { askTcp } from "./ask-tcp.ts";
import { Health } from "./health.ts";

/** Asks an app how it is. Rejects with what is wrong. */
export type Ask = (probe: Probe) => Promise<void>;

/** Hears of each change, with what was wrong. */
export type OnHealth = (healthy: boolean, message: string) => void;

/**
 * Asks again and again, at the probe's pace, and tells of changes; the returned function ends it. A check that takes longer than a period
 * is followed by the next at once.
 */
export function startProber(probe: Probe, ask: Ask, onHealth: OnHealth): () => void {
  const stop = new AbortController();
  const health = new Health(probe);
  const wait = (ms: number): Promise<unknown> => pause(Math.max(0, ms), undefined, { signal: stop.signal });
  const run = async (): Promise<void> => {
    await wait(probe.initialDelaySeconds * 1000);
    for (;;) {
      const begun = performance.now();
      const fault = await ask(probe).then(
        () => undefined,
        (error: unknown) => (error instanceof Error && error.message !== "" ? error.message : String(error)),
      );
      if (stop.signal.aborted) return;
      const verdict = health.onAnswer(fault === undefined);
      if (verdict !== undefined) onHealth(verdict, fault ?? "");
      await wait(begun + probe.periodSeconds * 1000 - performance.now());
    }
  };
  void run().catch(() => undefined); // it rejects when it is ended, and only then
  return () => stop.abort();
}

/** Where Envoy says that it serves: https://istio.io/latest/docs/ops/deployment/application-requirements/#ports-used-by-istio */
const readiness = { host: "127.0.0.1", port: 15_021, path: "/healthz/ready", scheme: "HTTP", httpHeaders: [] } as const;

/** Whether Envoy has a configuration and serves. Rejects where not. */
export async function askEnvoy(timeoutMs: number): Promise<void> {
  await askHttp(readiness, timeoutMs).catch((error: Error) => {
    throw new Error(`Envoy is not ready: ${error.message}`);
  });
}

/** Asks Envoy, then the app: through an Envoy that does not serve nobody reaches it. Commands are run only where they are allowed here. */
export function askApp({ allowExec }: { readonly allowExec: boolean }): Ask {
  return async ({ timeoutSeconds, httpGet, tcpSocket, exec, grpc }) => {
    const timeoutMs = timeoutSeconds * 1000;
    await askEnvoy(timeoutMs);
    if (httpGet) await askHttp(httpGet, timeoutMs);
    if (tcpSocket) await askTcp(tcpSocket, timeoutMs);
    if (grpc) await askGrpc(grpc, timeoutMs);
    if (exec && !allowExec)
      throw new Error("the group's probe is a command: heddle proxy runs it with --allow-exec-probe");
    if (exec) await askExec(exec, timeoutMs);
  };
}
