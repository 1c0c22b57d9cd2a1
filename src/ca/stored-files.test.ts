import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createOnce, removeDrafts } from "./stored-files.ts";
import { temporaryFolder } from "./testdata/authority.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean();
});

const text = (dir: string): Promise<string> => readFile(join(dir, "root", "key.pem"), "utf8");

/** Starts one that stands still while it makes its files; `go` lets it go on. */
function slowStarter(dir: string): { begun: Promise<void>; go: () => void; done: Promise<void> } {
  const gate = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const make = async (): Promise<Record<string, string>> => {
    begun.resolve();
    await gate.promise;
    return { "key.pem": "slow" };
  };
  return { begun: begun.promise, go: () => gate.resolve(), done: createOnce(dir, "root", make) };
}

describe("files made once", () => {
  it("are the first one's, and the one who comes late leaves no trace", async () => {
    const dir = await temporaryFolder(cleanups);
    const slow = slowStarter(dir);
    await slow.begun;
    await createOnce(dir, "root", () => ({ "key.pem": "quick" }));
    slow.go();
    await slow.done;
    expect(await text(dir)).toBe("quick");
    expect(await readdir(dir)).toEqual(["root"]);
  });

  it("are the first one's also where he swept the other's draft away", async () => {
    const dir = await temporaryFolder(cleanups);
    const slow = slowStarter(dir);
    await slow.begun;
    await createOnce(dir, "root", () => ({ "key.pem": "quick" }));
    await removeDrafts(dir, "root");
    slow.go();
    await slow.done;
    expect(await text(dir)).toBe("quick");
    expect(await readdir(dir)).toEqual(["root"]);
  });

  it("are not made again where they stand", async () => {
    const dir = await temporaryFolder(cleanups);
    await createOnce(dir, "root", () => ({ "key.pem": "first" }));
    await createOnce(dir, "root", () => {
      throw new Error("nobody should ask");
    });
    expect(await text(dir)).toBe("first");
  });

  it("are not there at all where making them failed", async () => {
    const dir = await temporaryFolder(cleanups);
    await writeFile(join(dir, "other"), "");
    const failing = createOnce(dir, "root", () => Promise.reject(Object.assign(new Error("full"), { code: "ENOSPC" })));
    await expect(failing).rejects.toThrow(`CA directory ${dir} cannot be written: ENOSPC`);
    expect(await readdir(dir)).toEqual(["other"]);
  });
});
