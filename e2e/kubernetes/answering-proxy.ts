import { DeltaClient, type ClientOptions } from "../../src/xds/testdata/client.ts";
import type { DeltaDiscoveryResponse } from "../../generated/envoy/service/discovery/v3/discovery.ts";

/** How a proxy answers a response that changes the cluster it looks at; all else it takes. */
export type Manner = "take" | "hold" | { readonly refuse: string };

/** A proxy that subscribes to all clusters, and to the endpoints of one, and answers by itself. */
export class AnsweringProxy {
  readonly #client: DeltaClient;
  readonly #cluster: string;
  readonly #held: DeltaDiscoveryResponse[] = [];
  #manner: Manner = "take";

  constructor(options: ClientOptions, cluster: string) {
    this.#client = new DeltaClient(options);
    this.#cluster = cluster;
    this.#client.call.on("data", (response: DeltaDiscoveryResponse) => this.#onResponse(response));
    this.#client.subscribe("cds", ["*"]);
    this.#client.subscribe("eds", [cluster]);
  }

  /** From now on, and for what is held. */
  set manner(manner: Manner) {
    this.#manner = manner;
    if (manner !== "hold") for (const response of this.#held.splice(0)) this.#answer(response);
  }

  get hasSomethingHeld(): boolean {
    return this.#held.length > 0;
  }

  close(): void {
    this.#client.close();
  }

  #onResponse(response: DeltaDiscoveryResponse): void {
    if (this.#manner === "hold" && this.#isOfCluster(response)) this.#held.push(response);
    else this.#answer(response);
  }

  #answer(response: DeltaDiscoveryResponse): void {
    const { typeUrl, nonce: responseNonce } = response;
    const isRefused = typeof this.#manner === "object" && this.#isOfCluster(response);
    const type = typeUrl.endsWith("Cluster") ? "cds" : "eds";
    const error = isRefused && typeof this.#manner === "object" ? this.#manner.refuse : undefined;
    this.#client.send(type, {
      responseNonce,
      ...(error !== undefined && { errorDetail: { code: 13, message: error } }),
    });
  }

  #isOfCluster({ typeUrl, resources }: DeltaDiscoveryResponse): boolean {
    return typeUrl.endsWith("Cluster") && resources.some(({ name }) => name === this.#cluster);
  }
}
