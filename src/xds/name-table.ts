import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { hashSeed, hashWith, Tally, talliedSet, type NameSet } from "./name-set.ts";

/** A shorter message is decoded as soon as it is looked up. */
const leastBytes = 4_096;

/** More than the names of any mesh take, each with what is kept beside it: then all is forgotten and learned anew. */
const mostBytes = 32 * 1024 * 1024;
const bytesBeside = 100;

/** Names with one hash: more of them were made so. */
const mostAlike = 8;

interface Entry {
  readonly name: string;
  readonly hash: number;
  readonly next: Entry | undefined; // another name with the same hash
  reading: number; // the last one that it was found in
}

/**
 * Names by what they are on the wire. A thousand sidecars ask for the endpoints of the same 2,000 clusters, each in an order of its
 * own: for all but the first no name is decoded, and no set is made.
 */
export class NameTable {
  readonly #entries = new Map<number, Entry>();
  readonly #limits: { readonly names: number; readonly nameLength: number };
  #bytes = 0;
  #reading = 0;

  /** Lists of more names, or of longer ones, are left alone. */
  constructor(limits: { readonly names: number; readonly nameLength: number }) {
    this.#limits = limits;
  }

  /**
   * The strings of a repeated field as a set, and the message without them. Undefined where that gains nothing, and where the names
   * are none that we know how to read: not ASCII, too long, too many with one hash, cut off. Throws where this is no message.
   * https://protobuf.dev/programming-guides/encoding/#structure
   */
  take(message: Uint8Array, field: number): { names: NameSet; rest: Uint8Array } | undefined {
    if (message.length < leastBytes) return undefined;
    const start = startOf(message, field);
    const tag = (field << 3) | WireType.LengthDelimited;
    if (start === undefined || message[start] !== tag) return undefined;
    this.#reading += 1;
    const names: string[] = [];
    const tally = new Tally();
    let at = start;
    let count = 0;
    while (at < message.length && message[at] === tag) {
      const [low = 0, high = 0] = [message[at + 1], message[at + 2]];
      const isShort = low < 0x80;
      if (!isShort && high >= 0x80) return undefined;
      const from = isShort ? at + 2 : at + 3;
      const to = from + (isShort ? low : (low & 0x7f) | (high << 7));
      if (++count > this.#limits.names || to - from > this.#limits.nameLength || to > message.length) return undefined;
      const entry = this.#entryOf(message, from, to);
      if (!entry) return undefined;
      if (entry.reading !== this.#reading) {
        entry.reading = this.#reading;
        names.push(entry.name);
        tally.add(entry.hash);
      }
      at = to;
    }
    const rest = Buffer.concat([message.subarray(0, start), message.subarray(at)]);
    return { names: talliedSet(names, tally), rest };
  }

  #entryOf(message: Uint8Array, from: number, to: number): Entry | undefined {
    let hash = hashSeed;
    for (let i = from; i < to; i++) {
      const byte = message[i] ?? 0;
      if (byte > 0x7f) return undefined;
      hash = hashWith(hash, byte);
    }
    const first = this.#entries.get(hash);
    let alike = 0;
    for (let entry = first; entry; entry = entry.next) {
      if (isAt(entry.name, message, from, to)) return entry;
      alike += 1;
    }
    return alike < mostAlike ? this.#learn(latin1(message, from, to), hash) : undefined;
  }

  #learn(name: string, hash: number): Entry {
    this.#bytes += name.length + bytesBeside;
    if (this.#bytes > mostBytes) {
      this.#entries.clear();
      this.#bytes = name.length + bytesBeside;
    }
    const entry: Entry = { name, hash, next: this.#entries.get(hash), reading: 0 };
    this.#entries.set(hash, entry);
    return entry;
  }
}

function latin1(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString("latin1");
}

/** Where the field begins to be repeated. */
function startOf(message: Uint8Array, field: number): number | undefined {
  const reader = new BinaryReader(message);
  while (reader.pos < reader.len) {
    const at = reader.pos;
    const [number, wireType] = reader.tag();
    if (number === field) return at;
    reader.skip(wireType, number);
  }
  return undefined;
}

function isAt(name: string, bytes: Uint8Array, from: number, to: number): boolean {
  if (name.length !== to - from) return false;
  for (let i = 0; i < name.length; i++) if (name.charCodeAt(i) !== bytes[from + i]) return false;
  return true;
}
