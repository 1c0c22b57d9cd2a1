import { watch, type FSWatcher } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Log } from "../lib/index.ts";
import { isPolicyName } from "./files.ts";

/** Whom a watched tree tells. Events are hints where to look: none of them is relied on. */
export interface FolderEvents {
  readonly log: Log;
  /** Something happened to this policy file. */
  onFile(path: string): void;
  /** Something else happened: a folder came or went, or a symbolic link was turned. */
  onTree(): void;
}

/** Watches each folder of a tree, and the one above, which sees the tree itself come, go and be replaced. */
export class FolderWatch {
  readonly #root: string;
  readonly #events: FolderEvents;
  readonly #watchers = new Map<string, { readonly identity: string; readonly watcher: FSWatcher }>();

  constructor(root: string, events: FolderEvents) {
    this.#root = root;
    this.#events = events;
  }

  /** Watches these folders, by path and identity, and no others. */
  update(folders: ReadonlyMap<string, string>): void {
    const above = dirname(this.#root);
    for (const [path, { identity, watcher }] of this.#watchers) {
      if (path === above || folders.get(path) === identity) continue;
      watcher.close();
      this.#watchers.delete(path);
    }
    this.#watch(above, "above", (_event, name) => {
      if (name === null || name === basename(this.#root)) this.#events.onTree();
    });
    for (const [path, identity] of folders)
      this.#watch(path, identity, (event, name) => this.#onEvent(path, event, name));
  }

  close(): void {
    for (const { watcher } of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #onEvent(folder: string, event: string, name: string | null): void {
    if (name === null || name.startsWith("..")) return this.#events.onTree();
    // Editors' swap files and the temporary files of a rename.
    if (name.startsWith(".")) return;
    if (isPolicyName(name)) this.#events.onFile(join(folder, name));
    else if (event === "rename") this.#events.onTree();
  }

  #watch(path: string, identity: string, listener: (event: string, name: string | null) => void): void {
    if (this.#watchers.has(path)) return;
    try {
      const watcher = watch(path, { persistent: false }, listener);
      watcher.on("error", () => {
        watcher.close();
        if (this.#watchers.get(path)?.watcher === watcher) this.#watchers.delete(path);
      });
      this.#watchers.set(path, { identity, watcher });
    } catch (error) {
      // No more watches to be had, or the folder is gone again: the regular look at everything finds the changes.
      this.#events.log.debug({ err: error, path }, "cannot watch a folder");
    }
  }
}
