import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { projectRoot } from "../../e2e/harness/project.ts";

/** The path of a file of this project. */
export function inProject(path: string): string {
  return join(projectRoot(), path);
}

/**
 * One of manifests/samples/links as it is for a namespace of the cluster: the samples are written for `default`, and what they set for
 * the whole mesh (in Istio's root namespace) is set for this namespace alone, so that suites do not see each other.
 */
export async function samplePolicy(file: string, namespace: string): Promise<string> {
  const text = await readFile(inProject(`manifests/samples/links/${file}`), "utf8");
  return text.replaceAll(/namespace: (default|istio-system)\b/g, `namespace: ${namespace}`);
}
