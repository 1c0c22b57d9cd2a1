import { likelyProxies, type Snapshot } from "../mesh/index.ts";
import { describeProxy } from "./describe.ts";

/** More is left to those who come: a mesh of very many scopes must not keep a control plane busy that nobody asks. */
const budgetMs = 2_000;

/**
 * Makes what proxies share before they come, while nobody is connected: after a start all of them come at once, and would wait
 * for it one behind the other. One namespace in each turn of the event loop; ends when somebody connects. Nothing of it is sent to anybody.
 * `onDone` is called when all is made, and still nobody is connected.
 */
export function createRehearsal(
  vhds: boolean,
  isIdle: () => boolean,
  onDone: () => void = () => undefined,
): (snapshot: Snapshot) => void {
  let newest: Snapshot | undefined;
  return (snapshot) => {
    newest = snapshot;
    if (!isIdle()) return;
    const proxies = likelyProxies(snapshot).values();
    let spent = 0;
    const next = (): void => {
      if (snapshot !== newest || !isIdle() || spent > budgetMs) return;
      const { value: proxy } = proxies.next();
      if (!proxy) return onDone();
      const started = performance.now();
      try {
        describeProxy(snapshot, proxy, { vhds, onDemandClusters: true });
      } catch {
        // A real proxy would meet the same, and it is told of then.
      }
      spent += performance.now() - started;
      setImmediate(next);
    };
    setImmediate(next);
  };
}
