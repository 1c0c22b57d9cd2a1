import { AuthorityError, type StoredAuthority } from "../ca/index.ts";
import type { Clock, Log } from "../lib/index.ts";
import type { KubernetesApi } from "./api.ts";
import { at, textAt } from "./json.ts";
import { expected } from "./refusal.ts";

/** The keys of the Secret: Istio's of `cacerts`, and one of ours. https://istio.io/latest/docs/tasks/security/cert-management/plugin-ca-cert/ */
const keys = {
  certificate: "ca-cert.pem",
  key: "ca-key.pem",
  root: "root-cert.pem",
  chain: "cert-chain.pem",
  tokenKey: "token-key.pem",
} as const satisfies Partial<Record<keyof StoredAuthority, string>>;
const optional: readonly string[] = ["chain", "tokenKey"];

export interface RootSecretOptions {
  readonly api: KubernetesApi;
  readonly place: { readonly namespace: string; readonly name: string };
  readonly isLeader: () => boolean;
  /** Makes the CA where the Secret is not there yet and we lead. */
  readonly make: () => Promise<Omit<StoredAuthority, "place">>;
  readonly clock: Clock;
  readonly log: Log;
  readonly retryMs?: number; // 1 s
}

/** The Secret that all replicas sign with. */
export interface RootSecret {
  /** Waits until it is there: the leader makes it. Rejects with AuthorityError where it lacks a key, or when `signal` aborts. */
  open(this: void, signal: AbortSignal): Promise<StoredAuthority>;
  /** As it is now. Where somebody has deleted it the leader puts back what it read last: a new root would cut the mesh in two. */
  read(this: void): Promise<StoredAuthority>;
}

/** The CA is made once: creating a Secret is atomic, so of two that make it one is told that it is there already, and takes that. */
export function rootSecret(options: RootSecretOptions): RootSecret {
  const { api, isLeader, make, clock, log, retryMs = 1_000 } = options;
  const { namespace, name } = options.place;
  const place = `Secret ${namespace}/${name}`;
  const list = `/api/v1/namespaces/${namespace}/secrets`;
  let last: StoredAuthority | undefined;

  const find = async (): Promise<StoredAuthority | undefined> => {
    const answer = await api.call({ method: "GET", path: `${list}/${name}` });
    return answer.status === 404 ? undefined : parseSecret(expected(answer, 200), place);
  };
  const create = async (authority: Omit<StoredAuthority, "place">): Promise<void> => {
    const answer = await api.call({ method: "POST", path: list, body: buildSecret(options.place, authority) });
    expected(answer, 200, 201, 409);
    if (answer.status !== 409) log.info({ secret: place }, "the root CA was stored");
  };
  const findOrMake = async (): Promise<StoredAuthority | undefined> => {
    const found = await find();
    if (found || !isLeader()) return found;
    await create(last ?? (await make()));
    return find(); // ours, or that of whoever was first
  };
  return {
    async open(signal) {
      let told = "";
      for (;;) {
        signal.throwIfAborted();
        const found = await findOrMake().catch((error: unknown) => error as Error);
        if (found instanceof AuthorityError) throw found;
        if (found && !(found instanceof Error)) return (last = found);
        const reason = found?.message ?? "the leader has not made it yet";
        if (reason !== told) log.warn({ secret: place, reason }, "waiting for the root CA");
        told = reason;
        await new Promise<void>((resolve) => clock.after(retryMs, resolve));
      }
    },
    async read() {
      const found = await findOrMake();
      if (!found) throw new AuthorityError(`${place} is not there any more`);
      return (last = found);
    },
  };
}

/** Throws AuthorityError where a key is missing. Whether the texts make a CA is for whoever opens it. */
function parseSecret(secret: unknown, place: string): StoredAuthority {
  const texts = Object.entries(keys).flatMap(([part, key]): [string, string][] => {
    const encoded = textAt(secret, "data", key);
    if (encoded !== undefined) return [[part, Buffer.from(encoded, "base64").toString("utf8")]];
    if (optional.includes(part)) return [];
    throw new AuthorityError(`${place} has no key ${key}`);
  });
  return { place, ...(Object.fromEntries(texts) as unknown as Omit<StoredAuthority, "place">) };
}

function buildSecret(metadata: { namespace: string; name: string }, authority: Omit<StoredAuthority, "place">): object {
  const data = Object.entries(keys).flatMap(([part, key]) => {
    const text: unknown = at(authority, part);
    return typeof text === "string" ? [[key, Buffer.from(text).toString("base64")] as const] : [];
  });
  const labels = { "app.kubernetes.io/managed-by": "heddle" };
  return {
    apiVersion: "v1",
    kind: "Secret",
    type: "Opaque",
    metadata: { ...metadata, labels },
    data: Object.fromEntries(data),
  };
}
