import { startMesh, type MeshOptions, type TestMesh } from "./mesh.ts";
import { expectNoRejections } from "./rejections.ts";

/**
 * One mesh for all tests of a file: started before them; after them it must not have seen an Envoy refuse anything, and is removed.
 * The returned function gives it, inside of tests.
 */
export function meshForSuite(options: MeshOptions): () => TestMesh {
  let mesh: TestMesh | undefined;
  const running = (): TestMesh => {
    if (!mesh) throw new Error("the mesh of this file has not started");
    return mesh;
  };
  beforeAll(async () => {
    mesh = await startMesh(options);
  });
  afterAll(async () => {
    if (!mesh) return;
    try {
      await expectNoRejections(mesh);
    } finally {
      await mesh.close();
    }
  });
  return running;
}
