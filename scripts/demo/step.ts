import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { projectRoot, type TestMesh } from "../../e2e/harness/index.ts";

/** What a step found. */
export interface Outcome {
  readonly measured: string;
  readonly pass: boolean;
}

/** One line of the demo's table: what is done, what is expected, and how it is measured with real requests. */
export interface Step {
  readonly name: string;
  readonly expected: string;
  readonly run: (mesh: TestMesh) => Promise<Outcome>;
}

export const links = "http://link-service:8080/";
export const analytics = "http://analytics-service:8080/";

/** Applies one file of manifests/samples/links through `heddle apply --wait`; returns what the command said. */
export async function applySample(mesh: TestMesh, file: string): Promise<string> {
  return mesh.applyPolicy(await readFile(join(projectRoot(), "manifests/samples/links", file), "utf8"));
}

/** Whether `hits` of `count` is within four standard deviations of the share: a right split fails this once in 16,000 runs. */
export function isShare(hits: number, count: number, share: number): boolean {
  return Math.abs(hits / count - share) <= 4 * Math.sqrt((share * (1 - share)) / count);
}

/** `5.1 %` */
export function percent(hits: number, count: number): string {
  return `${((100 * hits) / count).toFixed(1)} %`;
}
