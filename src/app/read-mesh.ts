import { stat } from "node:fs/promises";
import type { Problem } from "../lib/index.ts";
import { buildSnapshot, type Snapshot } from "../mesh/index.ts";
import type { MeshObject } from "../model/index.ts";
import { readDirectory } from "../source/index.ts";
import { Failure } from "./failure.ts";
import { withAddresses } from "./up/addresses.ts";

/** A mesh as files have it. */
export interface MeshInput {
  readonly objects: readonly MeshObject[];
  readonly snapshot: Snapshot;
  readonly ofObjects: readonly Problem[]; // of files and single objects
  readonly problems: readonly Problem[]; // and of how they fit together
}

/** Reads a directory or file once and models it: what `check` and `render` look at. */
export async function readMesh(path: string): Promise<MeshInput> {
  await stat(path).catch(() => {
    throw new Failure(`${path}: no such file or directory`);
  });
  const read = await readDirectory(path);
  const objects = withAddresses(read.objects);
  const { snapshot, problems } = buildSnapshot(objects);
  return { objects, snapshot, ofObjects: read.problems, problems: [...read.problems, ...problems] };
}
