import { monotonicClock, type Clock } from "../lib/index.ts";
import type { KubernetesApi } from "./api.ts";
import { at, textAt } from "./json.ts";
import { expected } from "./refusal.ts";

/** A ConfigMap with one entry for each replica: what each tells the leader of its own proxies. */
export interface ReplicaReports {
  /** Writes this replica's entry. Rejects where it could not. */
  write(this: void, text: string): Promise<void>;
  /** The entries of all other replicas that are alive: those that were written anew within half a minute, by our own clock. */
  readOthers(this: void): Promise<readonly { readonly replica: string; readonly text: string }[]>;
  /** Takes this replica's entry out, so that nobody waits for it. */
  withdraw(this: void): Promise<void>;
}

export interface ReplicaReportsOptions {
  readonly api: KubernetesApi;
  readonly place: { readonly namespace: string; readonly name: string };
  readonly replica: string; // the pod's name
  readonly clock?: Clock;
}

const silentMs = 30_000;
const forgottenMs = 120_000;
/** Keeps `data` there when nobody has an entry: a JSON patch adds to what there is. */
const about = { key: "about", text: "what the proxies of each replica hold; written by heddle, read by its leader" };

/** Each replica writes its own entry by a patch that touches nothing else, so no two ever disagree about the object's version. */
export function replicaReports({ api, place, replica, clock = monotonicClock }: ReplicaReportsOptions): ReplicaReports {
  const list = `/api/v1/namespaces/${place.namespace}/configmaps`;
  const path = `${list}/${place.name}`;
  const seen = new Map<string, { text: string; at: number }>();
  const pointer = (key: string): string => `/data/${key}`; // pods' names have neither "/" nor "~"

  const write = async (text: string): Promise<void> => {
    const patch = { method: "PATCH", path, body: [{ op: "add", path: pointer(replica), value: text }] } as const;
    const answer = await api.call(patch);
    if (answer.status !== 404) return void expected(answer, 200);
    const metadata = { ...place, labels: { "app.kubernetes.io/managed-by": "heddle" } };
    const body = { apiVersion: "v1", kind: "ConfigMap", metadata, data: { [about.key]: about.text, [replica]: text } };
    const made = await api.call({ method: "POST", path: list, body });
    if (made.status === 409) expected(await api.call(patch), 200);
    else expected(made, 200, 201);
  };
  const remove = async (key: string, text: string): Promise<void> => {
    const body = [
      { op: "test", path: pointer(key), value: text },
      { op: "remove", path: pointer(key) },
    ];
    await api.call({ method: "PATCH", path, body }); // refused: it was written anew
  };
  return {
    write,
    async readOthers() {
      const answer = await api.call({ method: "GET", path });
      if (answer.status === 404) return [];
      const data = at(expected(answer, 200), "data");
      const now = clock.now();
      const entries = Object.keys(data ?? {}).flatMap((key) => {
        const text = textAt(data, key);
        return key === about.key || key === replica || text === undefined ? [] : [{ replica: key, text }];
      });
      for (const { replica: key, text } of entries) if (seen.get(key)?.text !== text) seen.set(key, { text, at: now });
      const ageOf = (key: string): number => now - (seen.get(key)?.at ?? now);
      for (const key of seen.keys()) if (!entries.some(({ replica: other }) => other === key)) seen.delete(key);
      for (const { replica: key, text } of entries) if (ageOf(key) > forgottenMs) await remove(key, text);
      return entries.filter(({ replica: key }) => ageOf(key) <= silentMs);
    },
    async withdraw() {
      await api.call({ method: "PATCH", path, body: [{ op: "remove", path: pointer(replica) }] });
    },
  };
}
