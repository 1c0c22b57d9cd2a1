import type { Readable } from "node:stream";

/**
 * Calls `onValue` with each line of a stream, decoded. Resolves at its end; rejects when it breaks, when a line is longer than
 * `maxBytes`, and when one is no JSON: what was cut off must not count as heard.
 */
export async function jsonLines(stream: Readable, maxBytes: number, onValue: (value: unknown) => void): Promise<void> {
  let pending: Buffer[] = [];
  let size = 0;
  const take = (part: Buffer): void => {
    size += part.length;
    if (size > maxBytes) throw new Error(`a line has more than ${maxBytes} bytes`);
    pending.push(part);
  };
  const flush = (): void => {
    const line = Buffer.concat(pending).toString("utf8");
    pending = [];
    size = 0;
    if (line.trim() !== "") onValue(decode(line));
  };
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      take(chunk.subarray(start, end));
      flush();
      start = end + 1;
    }
    take(chunk.subarray(start));
  }
  flush();
}

/** The parser's own words quote what it could not read, which may be a Secret. */
function decode(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    throw new Error("a line is no JSON");
  }
}
