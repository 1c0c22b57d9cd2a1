import {
  credentials,
  makeGenericClientConstructor,
  Metadata,
  type ClientDuplexStream,
  type ClientReadableStream,
} from "@grpc/grpc-js";
import { echo } from "./grpc-methods.ts";

/**
 * Calls each kind of method of grpc-echo.ts at the address of its first argument, and prints one line of JSON: what came back, and
 * the statuses of calls that fail or whose deadline is too short.
 */
const Client = makeGenericClientConstructor(echo, "echo.Echo");
const client = new Client(process.argv[2] ?? "", credentials.createInsecure());
const call = (name: keyof typeof echo, ...args: unknown[]): unknown =>
  (client[name] as (...all: unknown[]) => unknown)(...args);
const hello = Buffer.from("hello");

/** The answer's text, or the status that it ended with. */
function unary(metadata: Metadata, options: object = {}): Promise<string | number> {
  return new Promise((resolve) => {
    call("unary", hello, metadata, options, (error: { code: number } | null, answer?: Buffer) =>
      resolve(error ? error.code : String(answer)),
    );
  });
}

function serverStream(options: object = {}): Promise<{ readonly status: number; readonly messages: number }> {
  return new Promise((resolve) => {
    let messages = 0;
    const stream = call("serverStream", hello, new Metadata(), options) as ClientReadableStream<Buffer>;
    stream.on("data", () => (messages += 1));
    stream.on("error", () => undefined);
    stream.on("status", ({ code }: { code: number }) => resolve({ status: code, messages }));
  });
}

function clientStream(): Promise<string | number> {
  return new Promise((resolve) => {
    const stream = call("clientStream", new Metadata(), (error: { code: number } | null, answer?: Buffer) =>
      resolve(error ? error.code : String(answer)),
    ) as ClientDuplexStream<Buffer, Buffer>;
    for (let n = 0; n < 5; n++) stream.write(hello);
    stream.end();
  });
}

/** Each message is sent when the last has come back. */
function both(): Promise<readonly string[]> {
  return new Promise((resolve) => {
    const said: string[] = [];
    const stream = call("both") as ClientDuplexStream<Buffer, Buffer>;
    stream.on("data", (message: Buffer) => {
      said.push(String(message));
      if (said.length < 3) stream.write(Buffer.from(`message ${said.length + 1}`));
      else stream.end();
    });
    stream.on("error", () => resolve(said));
    stream.on("end", () => resolve(said));
    stream.write(Buffer.from("message 1"));
  });
}

const failing = new Metadata();
failing.set("fail", "9");
const result = {
  unary: await unary(new Metadata()),
  failed: await unary(failing),
  serverStream: await serverStream(),
  late: await serverStream({ deadline: Date.now() + 700 }),
  clientStream: await clientStream(),
  both: await both(),
};
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
