import { ApiError, type Api } from "./api.ts";
import type { Resource } from "./resource.ts";

const pageSize = 500;
const maxRestarts = 3;

/**
 * Every object of a kind as of one moment, and the version to watch from. Without a resourceVersion in the request the answer is the
 * newest state, not a cache's. Rejects rather than give a part. https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks
 */
export async function listAll(
  api: Api,
  { path, fieldSelector, kind, apiVersion }: Resource,
  signal: AbortSignal,
): Promise<{ readonly items: readonly unknown[]; readonly version: string }> {
  const items: unknown[] = [];
  let next = "";
  let restarts = 0;
  for (;;) {
    const query = {
      limit: String(pageSize),
      ...(fieldSelector !== undefined && { fieldSelector }),
      ...(next !== "" && { continue: next }),
    };
    let page: Page;
    try {
      page = (await api.get({ path, query, signal })) as Page;
    } catch (error) {
      // The pages of a list belong to one moment, which the server forgets after some minutes.
      if (!(error instanceof ApiError && error.status === 410) || next === "" || ++restarts > maxRestarts) throw error;
      items.length = 0;
      next = "";
      continue;
    }
    const version = page.metadata?.resourceVersion;
    if (!Array.isArray(page.items) || typeof version !== "string") throw new ApiError(0, "the answer is no list");
    // The items of a typed list do not say what they are.
    for (const item of page.items) items.push({ ...(item as object), apiVersion, kind });
    next = page.metadata?.continue ?? "";
    if (next === "") return { items, version };
  }
}

interface Page {
  readonly metadata?: { readonly resourceVersion?: unknown; readonly continue?: string };
  readonly items?: unknown;
}
