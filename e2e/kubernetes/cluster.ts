import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { ApiError } from "../../src/source/kubernetes/api.ts";
import type { ApiServer } from "../harness/api-server.ts";
import { projectRoot } from "../harness/project.ts";
import { waitFor } from "../harness/wait.ts";

/** An object as a user writes it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

const clusterWide: ReadonlySet<string> = new Set([
  "Namespace",
  "Node",
  "ClusterRole",
  "ClusterRoleBinding",
  "CustomResourceDefinition",
]);

/** The path of an object, or of all of its kind. */
export function pathOf({ apiVersion, kind, metadata }: Manifest, name = ""): string {
  const prefix = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const lower = kind.toLowerCase();
  const plural = /[^aeiou]y$/.test(lower)
    ? `${lower.slice(0, -1)}ies`
    : lower.endsWith("s")
      ? `${lower}es`
      : `${lower}s`;
  const folder = clusterWide.has(kind) ? "" : `/namespaces/${metadata.namespace ?? "default"}`;
  return `${prefix}${folder}/${plural}${name === "" ? "" : `/${name}`}`;
}

/** Creates an object or changes it; its status too, if it says one. Namespaces are made as needed. */
export async function apply({ admin }: ApiServer, manifest: Manifest): Promise<void> {
  const { namespace } = manifest.metadata;
  const create = (it: Manifest): Promise<unknown> => admin.send("POST", { path: pathOf(it) }, it);
  const isThere = (error: unknown): boolean => error instanceof ApiError && error.status === 409;
  if (namespace !== undefined && namespace !== "default")
    await create({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } }).catch((error: unknown) => {
      if (!isThere(error)) throw error;
    });
  const path = pathOf(manifest, manifest.metadata.name);
  await create(manifest).catch(async (error: unknown) => {
    if (!isThere(error)) throw error;
    await admin.send("PATCH", { path }, manifest);
  });
  if (manifest.status !== undefined) await admin.send("PATCH", { path: `${path}/status` }, { status: manifest.status });
}

export async function remove({ admin }: ApiServer, manifest: Manifest): Promise<void> {
  await admin.send("DELETE", { path: pathOf(manifest, manifest.metadata.name), query: { gracePeriodSeconds: "0" } });
}

/** Applies manifests/crds; resolves when the API server serves them. */
export async function applyCrds(server: ApiServer): Promise<void> {
  const folder = join(projectRoot(), "manifests/crds");
  const files = (await readdir(folder)).filter((file) => file !== "kustomization.yaml");
  const definitions = await Promise.all(
    files.map(async (file) => parse(await readFile(join(folder, file), "utf8")) as Manifest),
  );
  await Promise.all(definitions.map((definition) => apply(server, definition)));
  for (const definition of definitions)
    await waitFor(`${definition.metadata.name} to be served`, async () => {
      const { status } = (await server.admin.get({ path: pathOf(definition, definition.metadata.name) })) as {
        status?: { conditions?: { type: string; status: string }[] };
      };
      return status?.conditions?.some(({ type, status: is }) => type === "Established" && is === "True");
    });
}
