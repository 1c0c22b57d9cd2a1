import { ApiError, type Api } from "./api.ts";
import { groupOf, type Resource, type WantedKind } from "./resource.ts";

/** Answers of one look around, so that kinds of one group ask once. */
export type Discovered = Map<string, Promise<unknown>>;

/**
 * Finds the version in which an API server serves a kind: the first of ours. Undefined when the server says that it has none; rejects
 * when that is not certain. https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api
 */
export async function findResource(api: Api, wanted: WantedKind, seen: Discovered): Promise<Resource | undefined> {
  const ask = (path: string): Promise<unknown> => {
    const known = seen.get(path);
    if (known) return known;
    const answer = api.get({ path }).catch((error: unknown) => {
      if (error instanceof ApiError && error.status === 404) return undefined;
      seen.delete(path);
      throw error;
    });
    seen.set(path, answer);
    return answer;
  };
  for (const group of new Set(wanted.apiVersions.map(groupOf))) {
    const { versions = [] } = ((await ask(`/apis/${group}`)) ?? {}) as { versions?: { groupVersion?: string }[] };
    const served = new Set(versions.map(({ groupVersion }) => groupVersion));
    for (const apiVersion of wanted.apiVersions.filter((version) => served.has(version))) {
      const path = `/apis/${apiVersion}`;
      const { resources = [] } = ((await ask(path)) ?? {}) as { resources?: { name?: string; kind?: string }[] };
      const plural = resources.find(({ kind, name }) => kind === wanted.kind && name?.includes("/") === false)?.name;
      if (plural === undefined) continue;
      const hasStatus = resources.some(({ name }) => name === `${plural}/status`);
      return { kind: wanted.kind, apiVersion, path: `${path}/${plural}`, hasStatus };
    }
  }
  return undefined;
}
