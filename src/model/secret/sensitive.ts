import { inspect } from "node:util";
import { contentHash } from "../../lib/index.ts";

/**
 * Text that nobody may read by accident: logs, JSON and dumps show `[redacted]`. Two of them are equal when their content is, which
 * `fingerprint` tells without telling it. `reveal` is called where the text goes to the proxy that it is for, and nowhere else.
 */
export class Sensitive {
  readonly #text: string;
  readonly fingerprint: string;

  constructor(text: string) {
    this.#text = text;
    this.fingerprint = contentHash(Buffer.from(text));
  }

  reveal(): string {
    return this.#text;
  }

  toJSON(): string {
    return redacted;
  }

  toString(): string {
    return redacted;
  }

  [inspect.custom](): string {
    return redacted;
  }
}

const redacted = "[redacted]";
