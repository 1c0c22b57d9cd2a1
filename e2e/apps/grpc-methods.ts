import type { ServiceDefinition } from "@grpc/grpc-js";

const bytes = { serialize: (text: Buffer): Buffer => text, deserialize: (text: Buffer): Buffer => text };
const method = (path: string, requestStream: boolean, responseStream: boolean): ServiceDefinition[string] => ({
  path: `/echo.Echo/${path}`,
  requestStream,
  responseStream,
  requestSerialize: bytes.serialize,
  requestDeserialize: bytes.deserialize,
  responseSerialize: bytes.serialize,
  responseDeserialize: bytes.deserialize,
});
/** The methods of echo.Echo, for its server and its client: messages are plain bytes. */
export const echo = {
  unary: method("Unary", false, false),
  serverStream: method("ServerStream", false, true),
  clientStream: method("ClientStream", true, false),
  both: method("Both", true, true),
} satisfies ServiceDefinition;
