/** Copies the packages that the lock file does not call development's into DIRECTORY/node_modules, without what only people read. */
import { cp, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

interface Locked {
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly optional?: boolean;
}

const unread = /\.(d\.[cm]?ts|[cm]?ts|map|md|markdown|flow)$/;
/** Types, and what only the Bare runtime (not Node) loads. */
const unused = /node_modules\/(@types\/|bare-)/;
const unreadFolders = new Set([
  "test",
  "tests",
  "docs",
  "doc",
  "example",
  "examples",
  "benchmark",
  "benchmarks",
  ".github",
]);

/** Whether Node may ever load the file of the package: types, source maps, sources of what is compiled, documents and tests are not. */
function isLoaded(packagePath: string, path: string): boolean {
  return !unread.test(path) && !(dirname(path) === packagePath && unreadFolders.has(basename(path)));
}

async function copyPackages(directory: string): Promise<number> {
  const lock = JSON.parse(await readFile("package-lock.json", "utf8")) as { packages: Record<string, Locked> };
  const wanted = Object.entries(lock.packages).filter(
    ([path, { dev, devOptional }]) => path !== "" && !dev && !devOptional && !unused.test(path),
  );
  for (const [path, { optional }] of wanted) {
    const nested = `${path}/node_modules`;
    const filter = (source: string): boolean => source !== nested && isLoaded(path, source);
    try {
      await cp(path, join(directory, path), { recursive: true, dereference: true, filter });
    } catch (error) {
      if (!optional || (error as NodeJS.ErrnoException).code !== "ENOENT") throw error; // of another platform
    }
  }
  return wanted.length;
}

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new Error("usage: run-time-packages.ts DIRECTORY");
process.stdout.write(`${await copyPackages(directory)} packages\n`);
