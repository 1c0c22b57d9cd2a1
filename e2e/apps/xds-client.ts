// One ADS stream as an Envoy, or somebody who claims to be one, would open it. Knows nothing of the control plane.
// Reads from standard input: { address, roots, token, node, ask: [[typeUrl, names]], waitMs }; no token: no credential.
// Prints one line of JSON: { code, details, answers: [{ typeUrl, names, removed, resources }] }, resources as base64 of the Any's value.
//   It ends with the stream, or waitMs after the last answer with code 0.
import { text } from "node:stream/consumers";
import { Client, credentials, Metadata, type StatusObject } from "@grpc/grpc-js";
import { DeltaDiscoveryRequest, DeltaDiscoveryResponse } from "../../generated/envoy/service/discovery/v3/discovery.ts";

interface Input {
  readonly address: string;
  readonly roots: string;
  readonly token?: string;
  readonly node: object;
  readonly ask: readonly (readonly [typeUrl: string, names: readonly string[]])[];
  readonly waitMs: number;
}

const input = JSON.parse(await text(process.stdin)) as Input;
const metadata = new Metadata();
if (input.token !== undefined) metadata.set("authorization", `Bearer ${input.token}`);
const client = new Client(input.address, credentials.createSsl(Buffer.from(input.roots)), {
  "grpc.ssl_target_name_override": "heddle.heddle-system.svc",
});
const stream = client.makeBidiStreamRequest(
  "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources",
  (message: DeltaDiscoveryRequest) => Buffer.from(DeltaDiscoveryRequest.encode(message).finish()),
  (bytes: Buffer) => DeltaDiscoveryResponse.decode(bytes),
  metadata,
);

const answers: object[] = [];
let timer = setTimeout(() => end(0, "still open"), 10_000);

function end(code: number, details: string): void {
  process.stdout.write(`${JSON.stringify({ code, details, answers })}\n`, () => process.exit(0));
}

stream.on("data", ({ typeUrl, nonce, resources, removedResources: removed }: DeltaDiscoveryResponse) => {
  const values = resources.map(({ resource }) => Buffer.from(resource?.value ?? []).toString("base64"));
  answers.push({ typeUrl, names: resources.map(({ name }) => name), removed, resources: values });
  stream.write(DeltaDiscoveryRequest.fromPartial({ typeUrl, responseNonce: nonce }));
  clearTimeout(timer);
  timer = setTimeout(() => end(0, "still open"), input.waitMs);
});
stream.on("error", ({ code, details }: StatusObject & Error) => end(code, details));
for (const [typeUrl, resourceNamesSubscribe] of input.ask)
  stream.write(
    DeltaDiscoveryRequest.fromPartial({
      node: input.node,
      typeUrl,
      resourceNamesSubscribe: [...resourceNamesSubscribe],
    }),
  );
