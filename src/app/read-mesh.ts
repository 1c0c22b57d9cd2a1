import { stat } from "node:fs/promises";
import type { Problem } from "../lib/index.ts";
import { buildSnapshot, type Snapshot } from "../mesh/index.ts";
import type { MeshObject } from "../model/index.ts";
import { readDirectory } from "../source/index.ts";
import { Failure } from "./failure.ts";
import { withAddresses } from "./up/addresses.ts";

/** Reads a directory or file once and models it: what `check` and `render` look at. */
export async function readMesh(
  path: string,
): Promise<{ objects: readonly MeshObject[]; snapshot: Snapshot; problems: readonly Problem[] }> {
  await stat(path).catch(() => {
    throw new Failure(`${path}: no such file or directory`);
  });
  const read = await readDirectory(path);
  const objects = withAddresses(read.objects);
  const { snapshot, problems } = buildSnapshot(objects);
  return { objects, snapshot, problems: [...read.problems, ...problems] };
}
