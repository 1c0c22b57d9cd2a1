import { Client, credentials, Metadata, type ClientDuplexStream, type ServiceError } from "@grpc/grpc-js";
import {
  DeltaDiscoveryRequest,
  DeltaDiscoveryResponse,
  DiscoveryRequest,
  DiscoveryResponse,
  type DeepPartial,
} from "../../../generated/envoy/service/discovery/v3/discovery.ts";
import { typeUrls, type XdsType } from "../../envoy/index.ts";
import { until } from "./until.ts";

const path = "/envoy.service.discovery.v3.AggregatedDiscoveryService/";

export interface ClientOptions {
  readonly port: number;
  readonly root: string;
  readonly token?: string;
  readonly nodeId?: string;
  readonly metadata?: Record<string, unknown>;
}

/** A scripted xDS client: it sends what it is told and keeps what it gets. */
class ScriptedClient<Request, Response extends { typeUrl: string; nonce: string }> {
  readonly responses: Response[] = [];
  ended: ServiceError | "ok" | undefined;
  readonly #client: Client;
  readonly call: ClientDuplexStream<Request, Response>;
  #node: object | undefined;
  #seen = 0;

  constructor(
    method: string,
    encode: (message: Request) => Buffer,
    decode: (bytes: Buffer) => Response,
    options: ClientOptions,
  ) {
    this.#client = new Client(`localhost:${options.port}`, credentials.createSsl(Buffer.from(options.root)), {
      "grpc.max_receive_message_length": -1,
    });
    const metadata = new Metadata();
    if (options.token !== undefined) metadata.set("authorization", `Bearer ${options.token}`);
    this.call = this.#client.makeBidiStreamRequest(`${path}${method}`, encode, decode, metadata);
    this.call.on("data", (response: Response) => this.responses.push(response));
    this.call.on("error", (error: ServiceError) => (this.ended = error));
    this.call.on("end", () => (this.ended ??= "ok"));
    const id = options.nodeId ?? "sidecar~10.0.0.1~app.default~default.svc.cluster.local";
    this.#node = { id, metadata: options.metadata ?? { NAME: "app", NAMESPACE: "default" } };
  }

  /** The node for the first request; nothing for the others. */
  protected node(): { node?: object } {
    const node = this.#node;
    this.#node = undefined;
    return node ? { node } : {};
  }

  /** The next response that was not taken yet. */
  async take(type?: XdsType): Promise<Response> {
    await until(() => this.responses.length > this.#seen || this.ended !== undefined, `a response of type ${type}`);
    const response = this.responses[this.#seen];
    if (!response) throw new Error(`the stream ended: ${JSON.stringify(this.ended)}`);
    this.#seen += 1;
    if (type && response.typeUrl !== typeUrls[type]) throw new Error(`wanted ${type}, got ${response.typeUrl}`);
    return response;
  }

  get untaken(): number {
    return this.responses.length - this.#seen;
  }

  close(): void {
    this.call.cancel();
    this.#client.close();
  }
}

export class DeltaClient extends ScriptedClient<DeltaDiscoveryRequest, DeltaDiscoveryResponse> {
  constructor(options: ClientOptions) {
    super(
      "DeltaAggregatedResources",
      (message) => Buffer.from(DeltaDiscoveryRequest.encode(message).finish()),
      (bytes) => DeltaDiscoveryResponse.decode(bytes),
      options,
    );
  }

  send(type: XdsType, request: DeepPartial<DeltaDiscoveryRequest> = {}): void {
    this.call.write(DeltaDiscoveryRequest.fromPartial({ typeUrl: typeUrls[type], ...this.node(), ...request }));
  }

  subscribe(type: XdsType, add: string[] = [], drop: string[] = []): void {
    this.send(type, { resourceNamesSubscribe: add, resourceNamesUnsubscribe: drop });
  }

  /** Takes the next response and acknowledges it. */
  async accept(type: XdsType): Promise<{ names: string[]; removed: string[]; response: DeltaDiscoveryResponse }> {
    const response = await this.take(type);
    this.send(type, { responseNonce: response.nonce });
    return { names: response.resources.map(({ name }) => name).sort(), removed: response.removedResources, response };
  }

  async refuse(type: XdsType, message: string): Promise<DeltaDiscoveryResponse> {
    const response = await this.take(type);
    this.send(type, { responseNonce: response.nonce, errorDetail: { code: 13, message } });
    return response;
  }
}

export class SotwClient extends ScriptedClient<DiscoveryRequest, DiscoveryResponse> {
  constructor(options: ClientOptions) {
    super(
      "StreamAggregatedResources",
      (message) => Buffer.from(DiscoveryRequest.encode(message).finish()),
      (bytes) => DiscoveryResponse.decode(bytes),
      options,
    );
  }

  send(type: XdsType, request: DeepPartial<DiscoveryRequest> = {}): void {
    this.call.write(DiscoveryRequest.fromPartial({ typeUrl: typeUrls[type], ...this.node(), ...request }));
  }

  async accept(type: XdsType, names: string[] = []): Promise<DiscoveryResponse> {
    const response = await this.take(type);
    this.send(type, { resourceNames: names, versionInfo: response.versionInfo, responseNonce: response.nonce });
    return response;
  }
}
