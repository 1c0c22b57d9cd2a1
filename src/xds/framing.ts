import { Writable } from "node:stream";
import { Metadata } from "@grpc/grpc-js";
import type { Call } from "./stream.ts";
import type { Message } from "./wire.ts";

/**
 * Writes one message. grpc-js would copy it twice, into a buffer for each stream; here the HTTP/2 stream below gets the parts as they
 * are, so that a thousand streams write the same memory. Where grpc-js does not show that stream, it is asked to write, with the
 * same bytes as the outcome. `done` is called when the socket took all of it, and never if the stream breaks first.
 */
export function writeMessage(call: Call, message: Message, done: () => void): void {
  const stream = transportOf(call);
  if (!stream) {
    call.write(message, done);
    return;
  }
  if (stream.destroyed || stream.writableEnded) return;
  call.sendMetadata(noMetadata); // only the first time
  stream.cork();
  stream.write(prefixOf(message));
  message.parts.forEach((part, index) => {
    const isLast = index === message.parts.length - 1;
    stream.write(part, (error) => {
      if (isLast && !error) done();
    });
  });
  stream.uncork();
}

const noMetadata = new Metadata();

/** A byte for "not compressed" and the length: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md */
function prefixOf({ bytes }: Message): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(bytes, 1);
  return prefix;
}

/** The HTTP/2 stream of a call: not in the API of grpc-js. */
function transportOf(call: object): Writable | undefined {
  const inner: unknown = "call" in call ? call.call : undefined;
  if (typeof inner !== "object" || inner === null || !("stream" in inner)) return undefined;
  return inner.stream instanceof Writable ? inner.stream : undefined;
}
