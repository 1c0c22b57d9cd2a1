// An app that tells its health as gRPC apps do: https://github.com/grpc/grpc/blob/master/doc/health-checking.md
//   env: PORT, SERVICE: the one service that is well; of others it knows nothing
import { Server, ServerCredentials, status } from "@grpc/grpc-js";

const { PORT = "9000", SERVICE = "" } = process.env;

const server = new Server();
server.addService(
  {
    Check: {
      path: "/grpc.health.v1.Health/Check",
      requestStream: false,
      responseStream: false,
      requestDeserialize: (bytes) => ({ service: bytes.subarray(2).toString() }), // field 1, a text of less than 128 bytes
      requestSerialize: ({ service }) => Buffer.from(service),
      responseSerialize: (serving) => Buffer.from([8, serving]), // field 1, a number
      responseDeserialize: (bytes) => bytes[1],
    },
  },
  {
    Check: ({ request: { service } }, reply) =>
      service === SERVICE ? reply(null, 1) : reply({ code: status.NOT_FOUND, details: `no service ${service}` }),
  },
);
server.bindAsync(`0.0.0.0:${PORT}`, ServerCredentials.createInsecure(), (error) => {
  if (error) throw error;
  console.log(`health of ${SERVICE} on ${PORT}`);
});

for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => process.exit(0));
