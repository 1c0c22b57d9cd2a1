import {
  Server,
  ServerCredentials,
  type sendUnaryData,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
} from "@grpc/grpc-js";
import { echo } from "./grpc-methods.ts";

/**
 * A gRPC service of all four kinds of calls whose messages are plain bytes, on PORT (8080). `Unary` says its message back, `ServerStream` says it
 * three times, half a second apart, `ClientStream` answers with how many came, `Both` says each back when it comes. Metadata `fail: <code>` ends a
 * call with that status, which every answer carries in trailers. https://grpc.io/docs/what-is-grpc/core-concepts/#rpc-life-cycle
 */
const implementation = {
  unary: (call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>) => {
    const fail = Number(call.metadata.get("fail")[0] ?? 0);
    if (fail > 0) answer({ code: fail, details: "as asked" });
    else answer(null, call.request);
  },
  serverStream: (call: ServerWritableStream<Buffer, Buffer>) => {
    let said = 0;
    const timer = setInterval(() => {
      call.write(call.request);
      said += 1;
      if (said < 3) return;
      clearInterval(timer);
      call.end();
    }, 500);
  },
  clientStream: (call: ServerReadableStream<Buffer, Buffer>, answer: sendUnaryData<Buffer>) => {
    let count = 0;
    call.on("data", () => (count += 1));
    call.on("end", () => answer(null, Buffer.from(String(count))));
  },
  both: (call: ServerDuplexStream<Buffer, Buffer>) => {
    call.on("data", (message: Buffer) => call.write(message));
    call.on("end", () => call.end());
  },
};

const server = new Server();
server.addService(echo, implementation);
server.bindAsync(`0.0.0.0:${process.env["PORT"] ?? "8080"}`, ServerCredentials.createInsecure(), (error) => {
  if (error) throw error;
});
