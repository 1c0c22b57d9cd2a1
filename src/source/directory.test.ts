import { appendFile, chmod, cp, link, mkdir, mkdtemp, rename, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLog } from "../lib/index.ts";
import { watchDirectory, type Source, type WatchOptions } from "./directory.ts";

const policy = (name: string, mode: string) =>
  `apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: ${name}}\nspec: {mtls: {mode: ${mode}}}\n`;

// These wait for the file system; on a busy machine that takes what it takes.
jest.setTimeout(30_000);

let root: string;
let dir: string;
let source: Source | undefined;
/** The modes of all policies, one text for each change told. */
let seen: string[];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "heddle-source-"));
  dir = join(root, "policy");
  await mkdir(dir);
  seen = [];
});

afterEach(async () => {
  await source?.stop();
  source = undefined;
  await rm(root, { recursive: true, force: true });
});

const view = (from: Source) =>
  from
    .objects()
    .map(({ metadata, spec }) => `${metadata.name}=${(spec as { mtls?: { mode?: string } }).mtls?.mode}`)
    .join(" ");

async function start(options: Partial<WatchOptions> = {}): Promise<Source> {
  const created: Source = watchDirectory({
    dir,
    log: createLog("silent"),
    debounceMs: 20,
    onChange: () => seen.push(view(created)),
    ...options,
  });
  source = created;
  await created.start();
  return created;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

const write = (name: string, text: string) => writeFile(join(dir, name), text);

/** As editors and `heddle apply` do: written beside, then renamed over. */
async function replace(name: string, text: string): Promise<void> {
  await writeFile(join(dir, `.${name}.tmp`), text);
  await rename(join(dir, `.${name}.tmp`), join(dir, name));
}

it("has read everything when it has started, and tells no change for that", async () => {
  await mkdir(join(dir, "team"));
  await write("a.yaml", policy("a", "STRICT"));
  await write("team/b.yml", policy("b", "STRICT"));
  await write("c.json", JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata: { name: "c" } }));
  await write(".hidden.yaml", policy("hidden", "STRICT"));
  await write("a.yaml~", policy("backup", "STRICT"));
  await write("a.yaml.swp", "x");
  const started = await start();
  expect(view(started)).toBe("c=undefined a=STRICT b=STRICT");
  expect(seen).toEqual([]);
});

it.each([
  ["renamed into place", (text: string) => replace("a.yaml", text)],
  ["written in place", (text: string) => write("a.yaml", text)],
  [
    "moved away first, as vim does",
    async (text: string) => {
      await rename(join(dir, "a.yaml"), join(dir, "a.yaml~"));
      await write("a.yaml", text);
    },
  ],
])("sees an edit %s, and no moment without the policy", async (_how, save) => {
  await write("a.yaml", policy("a", "STRICT"));
  await start();
  await save(policy("a", "DISABLE"));
  await until(() => seen.includes("a=DISABLE"));
  expect(seen).toEqual(["a=DISABLE"]);
});

it("never reads a file that is being written (F24)", async () => {
  const whole = policy("a", "STRICT") + "---\n" + policy("b", "STRICT");
  await write("a.yaml", whole);
  const started = await start();
  const half = join(dir, "a.yaml");
  await writeFile(half, "");
  for (let at = 0; at < whole.length; at += 4) {
    await appendFile(half, whole.slice(at, at + 4));
    expect(view(started)).toBe("a=STRICT b=STRICT");
  }
  await write("z.yaml", policy("z", "STRICT"));
  await until(() => seen.length > 0 && view(started).includes("z"));
  expect(seen.every((text) => text.startsWith("a=STRICT b=STRICT"))).toBe(true);
});

it("keeps the last valid version of a broken file, of an emptied one and of one it may not read", async () => {
  await write("a.yaml", policy("a", "STRICT"));
  await write("b.yaml", policy("b", "STRICT"));
  const started = await start();
  await replace("a.yaml", policy("a", "STRCT"));
  await until(() => started.problems().some(({ code }) => code === "HED112"));
  await replace("b.yaml", "");
  await until(() => started.problems().some(({ code }) => code === "HED401"));
  expect(view(started)).toBe("a=STRICT b=STRICT");
  await chmod(join(dir, "a.yaml"), 0);
  await started.rescan();
  expect(view(started)).toBe("a=STRICT b=STRICT");
});

it("forgets a file that is deleted", async () => {
  await write("a.yaml", policy("a", "STRICT"));
  await write("b.yaml", policy("b", "STRICT"));
  await start();
  await rm(join(dir, "a.yaml"));
  await until(() => seen.includes("b=STRICT"));
  expect(seen).toEqual(["b=STRICT"]);
});

it("sees new folders, and files in them", async () => {
  await start();
  await mkdir(join(dir, "x/y"), { recursive: true });
  await write("x/y/a.yaml", policy("a", "STRICT"));
  await until(() => seen.includes("a=STRICT"));
  await write("x/y/a.yaml", policy("a", "DISABLE"));
  await until(() => seen.includes("a=DISABLE"));
});

describe("F35: the folder itself", () => {
  it("keeps the last state when it is deleted, and is one change when it comes back", async () => {
    await write("a.yaml", policy("a", "STRICT"));
    await write("b.yaml", policy("b", "STRICT"));
    const started = await start();
    await cp(dir, join(root, "next"), { recursive: true });
    await writeFile(join(root, "next/a.yaml"), policy("a", "DISABLE"));
    await rm(dir, { recursive: true });
    await until(() => started.problems().some(({ code }) => code === "HED403"));
    expect(view(started)).toBe("a=STRICT b=STRICT");
    await rename(join(root, "next"), dir);
    await until(() => view(started) === "a=DISABLE b=STRICT" && seen.includes(view(started)));
    expect(started.problems()).toEqual([]);
    expect(new Set(seen)).toEqual(new Set(["a=STRICT b=STRICT", "a=DISABLE b=STRICT"]));
  });

  it("keeps the last state while an empty folder stands in its place", async () => {
    await write("a.yaml", policy("a", "STRICT"));
    const started = await start();
    await rm(dir, { recursive: true });
    await mkdir(dir);
    await until(() => started.problems().some(({ code }) => code === "HED403"));
    expect(view(started)).toBe("a=STRICT");
    await write("a.yaml", policy("a", "DISABLE"));
    await until(() => view(started) === "a=DISABLE");
    expect(seen.every((text) => text !== "")).toBe(true);
  });

  it("turns with a mounted ConfigMap in one change", async () => {
    const version = async (name: string, mode: string) => {
      await mkdir(join(dir, name));
      for (const file of ["a", "b"]) {
        await write(`${name}/${file}.yaml`, policy(file, mode));
        await utimes(join(dir, name, `${file}.yaml`), 1_600_000_000, 1_600_000_000);
      }
    };
    await version("..1", "STRICT");
    await symlink("..1", join(dir, "..data"));
    for (const file of ["a", "b"]) await symlink(`..data/${file}.yaml`, join(dir, `${file}.yaml`));
    await start();
    await version("..2", "DISABLE");
    await symlink("..2", join(dir, "..data_tmp"));
    await rename(join(dir, "..data_tmp"), join(dir, "..data"));
    await rm(join(dir, "..1"), { recursive: true });
    await until(() => seen.length > 0);
    expect(seen).toEqual(["a=DISABLE b=DISABLE"]);
  });

  it("waits with its start for a folder that is not there yet (F03)", async () => {
    await rm(dir, { recursive: true });
    const created = watchDirectory({ dir, log: createLog("silent"), onChange: () => undefined, pollMs: 20 });
    source = created;
    let started = false;
    const starting = created.start().then(() => (started = true));
    await until(() => created.problems().length > 0);
    expect(started).toBe(false);
    await mkdir(join(root, "next"));
    await writeFile(join(root, "next/a.yaml"), policy("a", "STRICT"));
    await rename(join(root, "next"), dir);
    await starting;
    expect(view(created)).toBe("a=STRICT");
  });

  it("has not started because a timer came before its time (F03)", async () => {
    await rm(dir, { recursive: true });
    const timers: (() => void)[] = [];
    const clock = {
      now: () => 1,
      after: (_ms: number, run: () => void) => {
        timers.push(run);
        return () => undefined;
      },
    };
    const created = watchDirectory({ dir, log: createLog("silent"), clock, onChange: () => undefined });
    source = created;
    let started = false;
    const starting = created.start().then(() => (started = true));
    for (let looks = 1; looks < 4; looks++) {
      await until(() => timers.length >= looks);
      timers[looks - 1]?.();
    }
    await until(() => timers.length >= 4);
    expect(started).toBe(false);
    await created.stop();
    await starting;
  });
});

it("sees a change of which no event was delivered", async () => {
  await write("a.yaml", policy("a", "STRICT"));
  const started = await start({ pollMs: 30 });
  // A hard link written from outside the folder raises no event in it.
  await link(join(dir, "a.yaml"), join(root, "outside.yaml"));
  await writeFile(join(root, "outside.yaml"), policy("a", "DISABLE"));
  await until(() => view(started) === "a=DISABLE");
});

it("looks at the tree less often once it was told of a change, until it sees one that nobody told of", async () => {
  let now = Date.now();
  let longest = 0;
  const clock = {
    now: () => ++now, // a look takes a few of these "milliseconds"
    after: (ms: number, run: () => void) => {
      longest = Math.max(longest, ms);
      const timer = setTimeout(run, Math.min(ms, 10));
      return () => clearTimeout(timer);
    },
  };
  await write("a.yaml", policy("a", "STRICT"));
  const started = await start({ clock, pollMs: 1 });
  await link(join(dir, "a.yaml"), join(root, "outside.yaml"));
  await until(() => longest > 300);
  expect(longest).toBeLessThan(3000);

  await replace("a.yaml", policy("a", "DISABLE"));
  await until(() => view(started) === "a=DISABLE" && longest > 3000);

  await link(join(dir, "a.yaml"), join(root, "outside2.yaml"));
  await writeFile(join(root, "outside2.yaml"), policy("a", "PERMISSIVE"));
  now += 60_000;
  await until(() => view(started) === "a=PERMISSIVE");
  longest = 0;
  await until(() => longest > 300);
  expect(longest).toBeLessThan(3000);
});

it("has in it after a rescan what was written before, and what was deleted out of it", async () => {
  await write("a.yaml", policy("a", "STRICT"));
  await write("b.yaml", policy("b", "STRICT"));
  const started = await start();
  await replace("a.yaml", policy("a", "DISABLE"));
  await rm(join(dir, "b.yaml"));
  await started.rescan();
  expect(view(started)).toBe("a=DISABLE");
});

it("parses only what changed", async () => {
  for (let i = 0; i < 50; i++) await write(`${i}.yaml`, policy(`p${i}`, "STRICT"));
  const started = await start();
  const before = started.objects();
  await replace("7.yaml", policy("p7", "DISABLE"));
  await until(() => seen.length > 0);
  const after = started.objects();
  expect(after.filter((object, index) => object !== before[index]).map(({ metadata }) => metadata.name)).toEqual([
    "p7",
  ]);
});

it("watches a single file", async () => {
  await write("a.yaml", policy("a", "STRICT"));
  await write("b.yaml", policy("b", "STRICT"));
  const started = await start({ dir: join(dir, "a.yaml") });
  expect(view(started)).toBe("a=STRICT");
  await replace("a.yaml", policy("a", "DISABLE"));
  await until(() => view(started) === "a=DISABLE");
});

it("tells a storm of edits in few changes, and the last state", async () => {
  await write("a.yaml", policy("a", "STRICT"));
  const started = await start({ debounceMs: 100 });
  for (let i = 0; i < 100; i++) await replace("a.yaml", policy(`a${i}`, "STRICT"));
  await until(() => seen.at(-1) === "a99=STRICT");
  expect(view(started)).toBe("a99=STRICT");
  expect(seen.length).toBeLessThanOrEqual(20);
});
