import type { TestMesh } from "./mesh.ts";

interface Status {
  readonly proxies: readonly { readonly name: string; readonly nacks: readonly unknown[] }[];
}

/**
 * Fails when any Envoy of the mesh refuses anything now, or ever refused an update: to be asked at the end of every test of a mesh.
 * Needs the control plane up.
 */
export async function expectNoRejections(mesh: TestMesh): Promise<void> {
  const { out, err } = await mesh.heddle(["status", "--output", "json"]);
  if (out === "") throw new Error(`heddle status: ${err}`);
  const refused = (JSON.parse(out) as Status).proxies.filter(({ nacks }) => nacks.length > 0);
  const counted: Record<string, number> = {};
  for (const pod of mesh.pods) {
    const stats = await mesh.envoyStats(pod, "\\.update_rejected$");
    for (const [name, count] of Object.entries(stats)) if (count > 0) counted[`${pod} ${name}`] = count;
  }
  expect({ refused, counted }).toEqual({ refused: [], counted: {} });
}
