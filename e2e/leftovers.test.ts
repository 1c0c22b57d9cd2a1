import { spawn, type ChildProcess } from "node:child_process";
import { readdir } from "node:fs/promises";
import { projectRoot, startMesh } from "./harness/index.ts";

const id = "left0";

/** Everything on this machine that bears the id. */
async function traces(): Promise<string[]> {
  const folders = ["/run/netns", "/etc/netns", "/run/heddle", "/sys/class/net"];
  const names = await Promise.all(folders.map((folder) => readdir(folder).catch(() => [])));
  return names.flat().filter((name) => name.startsWith(id));
}

/** Processes whose environment or command says that they are of this mesh. */
async function untilUp(child: ChildProcess): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let said = "";
    child.stdout?.on("data", (data: Buffer) => {
      said += data.toString();
      if (said.includes("up ")) resolve();
    });
    child.on("exit", (code) => reject(new Error(`it ended with ${code}: ${said}`)));
  });
}

describe("leftovers", () => {
  it("are none after an orderly end", async () => {
    const mesh = await startMesh({ id, withControlPlane: false, from: ["e2e/testdata/pair.yaml"] });
    expect((await traces()).length).toBeGreaterThan(4);
    await mesh.close();
    expect(await traces()).toEqual([]);
  });

  it("of a run that was killed are removed by the next one, its processes are gone", async () => {
    const child = spawn(process.execPath, ["e2e/harness/hang.ts", id], {
      cwd: projectRoot(),
      stdio: ["ignore", "pipe", "inherit"],
    });
    await untilUp(child);
    await expect(startMesh({ id, withControlPlane: false })).rejects.toThrow(
      `mesh ${id} runs already, as process ${child.pid}`,
    );
    const ended = new Promise((resolve) => child.on("exit", resolve));
    child.kill("SIGKILL");
    await ended;
    expect((await traces()).length).toBeGreaterThan(4);
    const mesh = await startMesh({ id, withControlPlane: false });
    expect((await traces()).sort()).toEqual([id, `${id}.hub`, `${id}.owner`]);
    await mesh.close();
    expect(await traces()).toEqual([]);
  });
});
