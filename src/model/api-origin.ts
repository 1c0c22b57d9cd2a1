import type { Position } from "../lib/index.ts";
import type { Origin } from "./object.ts";

/**
 * The place of an object that was read from the Kubernetes API: no file and no line, but a name and a version.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
 */
export class ApiOrigin implements Origin {
  readonly #name: string;
  #version: string;

  /** `name`: `Kind/namespace/name`. */
  constructor(name: string, version: string) {
    this.#name = name;
    this.#version = version;
  }

  get file(): string {
    return `${this.#name}@${this.#version}`;
  }

  at(): Position {
    return { file: this.file, line: 0, column: 0 };
  }

  /** The object says the same in a later version. */
  moveTo(later: ApiOrigin): void {
    this.#version = later.#version;
  }
}
