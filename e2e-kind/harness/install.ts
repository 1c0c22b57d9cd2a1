import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { kubectl } from "./kubectl.ts";
import { inProject } from "./project.ts";

/**
 * Installs Heddle as a user does who has it under another image: a kustomization of his own over manifests/install, with what
 * `kustomize edit set image heddle=...` writes. Resolves when that is rolled out.
 */
export async function applyWithImage(image: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "heddle-kind-install-"));
  const [newName, newTag] = image.split(":");
  const text = {
    resources: [relative(folder, inProject("manifests/install"))],
    images: [{ name: "heddle", newName, newTag }],
  };
  try {
    await writeFile(join(folder, "kustomization.yaml"), JSON.stringify(text));
    await kubectl(["apply", "-k", folder]);
  } finally {
    await rm(folder, { recursive: true });
  }
  await kubectl(["-n", "heddle-system", "rollout", "status", "deployment/heddle", "--timeout=180s"]);
}
