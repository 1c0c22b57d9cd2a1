import {
  DeltaDiscoveryRequest,
  DeltaDiscoveryResponse,
  DiscoveryRequest,
  DiscoveryResponse,
} from "../../generated/envoy/service/discovery/v3/discovery.ts";
import { Cluster } from "../../generated/envoy/config/cluster/v3/cluster.ts";
import { typeUrls } from "../../src/envoy/index.ts";
import { itSurvives } from "../harness/figures.ts";
import { waitFor } from "../harness/index.ts";
import { dialAs } from "./fleet.ts";
import { GrpcStream, type Dial } from "./grpc-stream.ts";
import { LoneServer } from "./lone-server.ts";
import { service, shop } from "./shop.ts";
import { nodeOf, ScriptedSidecar, xdsTypes } from "./sidecar.ts";

let server: LoneServer;
let dial: Dial;

beforeAll(async () => {
  server = await LoneServer.start({ files: { "shop.yaml": shop(10) } });
  dial = await dialAs(server, "app");
});

afterAll(() => server.close());

const a = "outbound|80||svc-0.shop.example";
const b = "outbound|80||svc-1.shop.example";
const node = nodeOf({ name: "app-1", namespace: "shop" });

/** What the client is subscribed to, as the next change of every cluster shows: "*", names, or "nothing". */
type Step = readonly [what: string, add: readonly string[], drop: readonly string[], expected: string];

let generation = 0;

/** Changes every cluster of the mesh. */
async function changeAll(): Promise<void> {
  generation += 1;
  const policy = `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: all, namespace: istio-system }
spec: { host: "*.shop.example", trafficPolicy: { connectionPool: { tcp: { connectTimeout: ${generation}s } } } }
`;
  await server.write("svc.yaml", [0, 1].map((n) => withTimeout(n, generation)).join("---\n") + `---\n${policy}`);
}

const withTimeout = (n: number, seconds: number): string => `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: timeout-${n}, namespace: shop }
spec: { host: svc-${n}.shop.example, trafficPolicy: { connectionPool: { tcp: { connectTimeout: ${seconds}s } } } }
`;

const words = (names: readonly string[]): string => {
  const some = [a, b].filter((name) => names.includes(name)).map((name) => (name === a ? "A" : "B"));
  return names.length > 2 ? "*" : some.join(" ") || "nothing";
};

/** A stream that acknowledges everything and remembers what came since it was last asked. */
class Asker {
  readonly #stream: GrpcStream;
  readonly #protocol: "delta" | "sotw";
  #names: readonly string[] = [];
  #first = true;
  #version = "";
  #nonce = "";
  #seen: string[] = [];

  constructor(protocol: "delta" | "sotw") {
    this.#protocol = protocol;
    this.#stream = new GrpcStream({ ...dial, protocol }, (bytes) => this.#onMessage(bytes));
  }

  ask(add: readonly string[], drop: readonly string[]): void {
    const who = this.#first ? { node } : {};
    this.#first = false;
    if (this.#protocol === "sotw") {
      this.#names = add;
      const resourceNames = [...add];
      const last = { versionInfo: this.#version, responseNonce: this.#nonce };
      return this.#write(DiscoveryRequest, { ...who, ...last, typeUrl: typeUrls.cds, resourceNames });
    }
    const lists = { resourceNamesSubscribe: [...add], resourceNamesUnsubscribe: [...drop] };
    return this.#write(DeltaDiscoveryRequest, { ...who, typeUrl: typeUrls.cds, ...lists });
  }

  takeSeen(): string[] {
    const seen = this.#seen;
    this.#seen = [];
    return seen;
  }

  close(): void {
    this.#stream.close();
  }

  #onMessage(bytes: Buffer): void {
    if (this.#protocol === "sotw") {
      const { resources, versionInfo, nonce } = DiscoveryResponse.decode(bytes);
      this.#seen.push(...resources.map(({ value }) => Cluster.decode(value).name));
      [this.#version, this.#nonce] = [versionInfo, nonce];
      const last = { versionInfo, responseNonce: nonce };
      return this.#write(DiscoveryRequest, { ...last, typeUrl: typeUrls.cds, resourceNames: [...this.#names] });
    }
    const { resources, nonce } = DeltaDiscoveryResponse.decode(bytes);
    this.#seen.push(...resources.map(({ name }) => name));
    return this.#write(DeltaDiscoveryRequest, { typeUrl: typeUrls.cds, responseNonce: nonce });
  }

  #write<M>(
    codec: { fromPartial(fields: object): M; encode(message: M): { finish(): Uint8Array } },
    fields: object,
  ): void {
    this.#stream.write(codec.encode(codec.fromPartial(fields)).finish());
  }
}

// The examples of https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#how-the-client-specifies-what-resources-to-return
const examples: Record<"sotw" | "delta", readonly Step[]> = {
  sotw: [
    ["nothing is named at first: everything", [], [], "*"],
    ["the wildcard and a name: everything", ["*", a], [], "*"],
    ["a name: that one", [a], [], "A"],
    ["nothing after names: nothing", [], [], "nothing"],
  ],
  delta: [
    ["nothing is named at first: everything", [], [], "*"],
    ["a name too: everything", [a], [], "*"],
    ["the wildcard is given up: the name", [], ["*"], "A"],
    ["the name is given up: nothing", [], [a], "nothing"],
  ],
};

itSurvives("F21", "wildcard, names, nothing: the specification's examples, by what changes arrive", async () => {
  const wrong: string[] = [];
  const watcher = new ScriptedSidecar({ name: "app-2", namespace: "shop" }); // tells when a change has gone out
  watcher.connect(dial);
  await waitFor("the watcher to be served", () => watcher.isComplete);
  let count = 0;
  for (const protocol of ["sotw", "delta"] as const) {
    const asker = new Asker(protocol);
    for (const [what, add, drop, expected] of examples[protocol]) {
      asker.ask(add, drop);
      await server.untilSynced(2);
      await changeAll();
      const change = Buffer.from(`${generation}s`).toString(); // only for the message below
      const before = watcher.received.length;
      await waitFor(`change ${change} to be sent`, () =>
        watcher.received.slice(before).some(({ type }) => type === "cds"),
      );
      await server.untilSynced(2);
      const seen = words(asker.takeSeen().filter((name) => expected === "*" || name !== ""));
      count += 1;
      if (seen !== expected) wrong.push(`${protocol}, ${what}: ${seen}`);
    }
    asker.close();
    await waitFor("it to be gone", async () => (await server.proxies()).length === 1);
  }
  watcher.close();
  await waitFor("nobody to be there", async () => (await server.proxies()).length === 0);
  return {
    ...{ requests: count, failed: wrong.length },
    figure: `${count - wrong.length} of ${count} as the specification says${wrong.map((one) => `; ${one}`).join("")}`,
    limit: "8 of 8",
    pass: count === 8 && wrong.length === 0,
  };
});

itSurvives("F22", "a reconnect that says what it holds", async () => {
  const sidecar = new ScriptedSidecar({ name: "app-1", namespace: "shop" });
  sidecar.connect(dial);
  await waitFor("it to be served", () => sidecar.isComplete && sidecar.held.vhds.size > 0);
  await server.untilSynced(1);
  const held = xdsTypes.reduce((sum, type) => sum + sidecar.held[type].size, 0);
  const before = new Map(
    xdsTypes.map((type) => [type, new Map([...sidecar.held[type]].map(([name, { version }]) => [name, version]))]),
  );
  sidecar.close();
  await sidecar.ended;
  await waitFor("it to be gone", async () => (await server.proxies()).length === 0);
  await server.write("new.yaml", service(50, "while-away"));
  await server.remove("svc.yaml");
  await waitFor("the edits to be read", async () => (await server.admin("/api/v1/objects")).includes("svc-50"));
  sidecar.received.length = 0;
  sidecar.connect(dial);
  await waitFor("the new service", () => sidecar.holds("vhds", "while-away"));
  await server.untilSynced(1);
  const sent = sidecar.received.flatMap(({ type, names }) => names.map((name) => ({ type, name })));
  // Endpoints are sent again with their clusters, as Envoy's warming needs.
  const again = sent.filter(({ type, name }) => {
    const version = sidecar.held[type].get(name)?.version;
    return type !== "eds" && version !== undefined && before.get(type)?.get(name) === version;
  });
  sidecar.close();
  const names = again.map(({ type, name }) => ` ${type} ${name}`).join("");
  return {
    figure: `${held} resources held, ${sent.length} sent after the reconnect, ${again.length} of them unchanged${names}`,
    limit: "0 unchanged",
    pass: again.length === 0 && sent.length > 0,
  };
});
