import { ApiError, type Line } from "./api.ts";
import type { Resource } from "./resource.ts";

const pageSize = 500;
const maxRestarts = 3;

/** Every object of a kind as of one moment, and where to watch from: a version means something to the server that gave it. */
export interface Listed {
  readonly items: readonly unknown[];
  readonly version: string;
  /** Of the line. */
  readonly connection: number | undefined;
}

/**
 * Reads every object of a kind. Without a resourceVersion in the request the answer is the
 * newest state, not a cache's. Rejects rather than give a part. https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks
 */
export async function listAll(
  line: Pick<Line, "get" | "connection">,
  { path, fieldSelector, kind, apiVersion }: Resource,
  signal: AbortSignal,
): Promise<Listed> {
  const items: unknown[] = [];
  let next = "";
  let restarts = 0;
  let connection: number | undefined;
  for (;;) {
    const query = {
      limit: String(pageSize),
      ...(fieldSelector !== undefined && { fieldSelector }),
      ...(next !== "" && { continue: next }),
    };
    let page: Page;
    try {
      page = (await line.get({ path, query, signal })) as Page;
      if (next === "") connection = line.connection;
      else if (line.connection !== connection)
        throw new ApiError(410, "the connection broke between two pages of a list");
    } catch (error) {
      // The pages of a list belong to one moment of one server, which forgets it after some minutes.
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
    if (next === "") return { items, version, connection };
  }
}

interface Page {
  readonly metadata?: { readonly resourceVersion?: unknown; readonly continue?: string };
  readonly items?: unknown;
}
