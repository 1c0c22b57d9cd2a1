import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
import { Client, credentials } from "@grpc/grpc-js";
import type { Probe } from "../../mesh/index.ts";

const path = "/grpc.health.v1.Health/Check";
const serving = 1;

/** Asks an app's health service on this machine, in plaintext: only SERVING is well. https://github.com/grpc/grpc/blob/master/doc/health-checking.md */
export async function askGrpc({ port, service }: NonNullable<Probe["grpc"]>, timeoutMs: number): Promise<void> {
  const client = new Client(`localhost:${port}`, credentials.createInsecure());
  try {
    const status = await new Promise<number>((resolve, reject) => {
      const deadline = Date.now() + timeoutMs;
      client.makeUnaryRequest(path, writeService, readStatus, service, { deadline }, (error, answer) =>
        error ? reject(new Error(`the health service: ${error.details}`)) : resolve(answer ?? 0),
      );
    });
    if (status !== serving)
      throw new Error(`the health service answered with status ${status}, not ${serving} (SERVING)`);
  } finally {
    client.close();
  }
}

/** HealthCheckRequest: field 1 is the service. */
function writeService(service: string): Buffer {
  const writer = new BinaryWriter();
  if (service !== "") writer.uint32(10).string(service);
  return Buffer.from(writer.finish());
}

/** HealthCheckResponse: field 1 is the status. */
function readStatus(bytes: Buffer): number {
  const reader = new BinaryReader(bytes);
  let status = 0;
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === 8) status = reader.int32();
    else reader.skip(tag & 7);
  }
  return status;
}
