import { Server, ServerCredentials, Client, credentials, type ServiceDefinition } from "@grpc/grpc-js";
import type { Call } from "./host.ts";
import { TestClock } from "./testdata/clock.ts";
import { until } from "./testdata/until.ts";
import { WriteTurns } from "./write-turns.ts";
import { chunks, Writer } from "./writer.ts";

const join = (parts: Iterable<Uint8Array>) => Buffer.concat([...parts]);

it("cuts large parts without copying them, joins small ones, and loses nothing", () => {
  const large = Buffer.from(Array.from({ length: 300_001 }, (_, i) => i % 251));
  const parts = [Buffer.from("head"), Buffer.from("x"), large, Buffer.alloc(0), Buffer.from("tail"), large];
  const pieces = [...chunks(parts)];
  expect(join(pieces).equals(join(parts))).toBe(true);
  expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThanOrEqual(32 * 1024);
  expect(pieces.filter(({ buffer }) => buffer === large.buffer).length).toBeGreaterThan(6);
  expect([...chunks([])]).toEqual([]);
});

it("finds the HTTP/2 stream below a call of this grpc-js, and sends what grpc-js would send", async () => {
  const pass = (bytes: Buffer) => bytes;
  const method = { path: "/t.T/Go", requestStream: true, responseStream: true } as const;
  const service: ServiceDefinition = {
    Go: {
      ...method,
      requestSerialize: pass,
      requestDeserialize: pass,
      responseSerialize: pass,
      responseDeserialize: pass,
    },
  };
  const server = new Server();
  const isDirect: boolean[] = [];
  const body = Buffer.alloc(200_000, 7);
  server.addService(service, {
    Go: (call: Call) => {
      const writer = new Writer(call, new TestClock(), new WriteTurns());
      isDirect.push(writer.isDirect);
      const message = { parts: [body, Buffer.from("end")], bytes: body.length + 3 };
      writer.write(message, () => writer.write({ parts: [Buffer.from("2")], bytes: 1 }, () => call.end()));
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  const call = client.makeBidiStreamRequest<Buffer, Buffer>("/t.T/Go", pass, pass);
  const seen: Buffer[] = [];
  let code: number | undefined;
  call.on("data", (bytes: Buffer) => seen.push(bytes));
  call.on("status", (end) => (code = end.code));
  await until(() => code !== undefined, "the end");
  expect(isDirect).toEqual([true]);
  expect(code).toBe(0);
  expect(seen.map(({ length }) => length)).toEqual([200_003, 1]);
  expect(seen[0]?.equals(Buffer.concat([body, Buffer.from("end")]))).toBe(true);
  client.close();
  server.forceShutdown();
});
