import type { RequestOptions, Summary } from "../../e2e/harness/client.ts";
import { kubectl } from "./kubectl.ts";

/** Requests that are under way. */
export interface Load {
  /** Lets those that are under way end, and says what became of all. */
  stop(): Promise<Summary>;
  /** Resolves when as many as were asked for are answered. */
  readonly done: Promise<Summary>;
}

let loads = 0;

/** Sends requests from the app's container of a pod, as the app itself would: through its sidecar, where it has one. */
export async function requestFrom(
  namespace: string,
  pod: string,
  url: string,
  options: RequestOptions & { readonly stopFile?: string },
): Promise<Summary> {
  const words = ["-n", namespace, "exec", "-i", pod, "-c", "app", "--", "node", "/sample/e2e/apps/client.mjs"];
  return JSON.parse(await kubectl(words, JSON.stringify({ url, ...options }))) as Summary;
}

/** The same, until it is stopped: a signal does not reach a process in a pod, a file does. */
export function startLoad(namespace: string, pod: string, url: string, options: RequestOptions): Load {
  const stopFile = `/tmp/stop-${process.pid}-${loads++}`;
  const done = requestFrom(namespace, pod, url, { ...options, stopFile });
  done.catch(() => undefined); // whoever waits is told
  const stop = async (): Promise<Summary> => {
    await kubectl(["-n", namespace, "exec", pod, "-c", "app", "--", "touch", stopFile]);
    return done;
  };
  return { done, stop };
}
