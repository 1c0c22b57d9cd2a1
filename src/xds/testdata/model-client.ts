import { Cluster } from "../../../generated/envoy/config/cluster/v3/cluster.ts";
import { ClusterLoadAssignment } from "../../../generated/envoy/config/endpoint/v3/endpoint.ts";
import { Listener } from "../../../generated/envoy/config/listener/v3/listener.ts";
import { RouteConfiguration } from "../../../generated/envoy/config/route/v3/route.ts";
import { VirtualHost } from "../../../generated/envoy/config/route/v3/route_components.ts";
import { DeltaDiscoveryResponse, DiscoveryResponse } from "../../../generated/envoy/service/discovery/v3/discovery.ts";
import { typeUrls, type XdsType } from "../../envoy/index.ts";
import type { Protocol, Request } from "../request.ts";
import type { Random } from "./random.ts";
import { sessionRequest, type RequestFields } from "./session-request.ts";

export type ModelType = Exclude<XdsType, "sds">;
export const modelTypes = ["cds", "eds", "lds", "rds", "vhds"] as const satisfies readonly ModelType[];

interface Held {
  readonly version: string; // in SotW the text
  readonly text: string;
}

interface Received extends Held {
  readonly name: string;
}

const fullTypes: readonly ModelType[] = ["cds", "lds"];

function textOf(type: ModelType, value: Uint8Array): { name: string; text: string } {
  switch (type) {
    case "cds": {
      const { name, altStatName: text } = Cluster.decode(value);
      return { name, text };
    }
    case "eds": {
      const { clusterName: name, endpoints } = ClusterLoadAssignment.decode(value);
      return { name, text: endpoints[0]?.locality?.region ?? "" };
    }
    case "lds": {
      const { name, statPrefix: text } = Listener.decode(value);
      return { name, text };
    }
    case "rds": {
      const { name, internalOnlyHeaders } = RouteConfiguration.decode(value);
      return { name, text: internalOnlyHeaders[0] ?? "" };
    }
    case "vhds": {
      const { name, domains } = VirtualHost.decode(value);
      return { name, text: domains[0] ?? "" };
    }
  }
}

interface Response {
  readonly type: ModelType;
  readonly nonce: string;
  readonly received: readonly Received[];
  readonly removed?: readonly string[];
}

function typeOf(typeUrl: string): ModelType {
  const type = modelTypes.find((candidate) => typeUrls[candidate] === typeUrl);
  if (!type) throw new Error(`a response of type ${typeUrl}`);
  return type;
}

function readDelta(bytes: Uint8Array): Response {
  const { typeUrl, nonce, resources, removedResources: removed } = DeltaDiscoveryResponse.decode(bytes);
  const type = typeOf(typeUrl);
  const received = resources.map(({ version, resource }) => ({ version, ...textOf(type, resource?.value ?? new Uint8Array()) }));
  return { type, nonce, received, removed };
}

function readSotw(bytes: Uint8Array): Response {
  const { typeUrl, nonce, resources } = DiscoveryResponse.decode(bytes);
  const type = typeOf(typeUrl);
  const texts = resources.map(({ value }) => textOf(type, value));
  return { type, nonce, received: texts.map(({ name, text }) => ({ name, text, version: text })) };
}

/** Inbound clusters know where they lead. */
const hasEndpoints = (cluster: string): boolean => cluster.startsWith("outbound|");

/** Asks, takes, refuses and depends as Envoy does, and throws when it is served what would break traffic or the protocol. */
export class ModelClient {
  readonly held: Record<ModelType, Map<string, Held>> = { cds: new Map(), eds: new Map(), lds: new Map(), rds: new Map(), vhds: new Map() };
  readonly requests: (Request & { type: ModelType })[] = [];
  readonly #protocol: Protocol;
  readonly #random: Random;
  readonly #isBad: (type: string, name: string, text: string) => boolean;
  #names: Record<"eds" | "rds", Set<string>> = { eds: new Set(), rds: new Set() };
  #nonces = new Map<ModelType, string>();
  #asked = new Set<ModelType>();
  /** What may come though the client has it: asked for again, endpoints of a cluster just received, taken from a refused response. */
  readonly #owed: Record<ModelType, Set<string>> = { cds: new Set(), eds: new Set(), lds: new Set(), rds: new Set(), vhds: new Set() };
  /** Clusters that wait for their endpoints: a changed one takes up its change when they come, be they the same. */
  readonly cold = new Set<string>();
  readonly #usable = new Set<string>(); // clusters that have been warm
  readonly #refused = new Set<string>();
  readonly #refusedClusters = new Set<string>();
  /** A SotW server cannot know what a client holds that comes back; until its routes are new, clusters may go too early. */
  #isForgotten = false;

  constructor(protocol: Protocol, random: Random, isBad: (type: string, name: string, text: string) => boolean) {
    this.#protocol = protocol;
    this.#random = random;
    this.#isBad = isBad;
    this.#ask("cds");
  }

  /** Takes one response and queues what Envoy would say to it. */
  receive(bytes: Uint8Array): void {
    const { type, nonce, received, ...rest } = this.#protocol === "delta" ? readDelta(bytes) : readSotw(bytes);
    this.#nonces.set(type, nonce);
    this.#check(type, received);
    const removed = rest.removed ?? this.#absentFrom(type, received);
    const bad = received.filter(({ name, text }) => this.#isBad(type, name, text) && this.held[type].get(name)?.text !== text);
    if (bad.length > 0) return this.#refuse(type, received, bad);
    this.#checkRemoval(type, removed, received);
    for (const resource of received) this.#take(type, resource);
    for (const name of removed) this.#drop(type, name);
    this.#say(type, {});
    this.#follow(type);
  }

  /** A new stream: Envoy says what it holds (delta), and asks for all that it needs. */
  reconnect(): void {
    this.requests.length = 0;
    const asked = this.#asked;
    this.#asked = new Set();
    for (const owed of Object.values(this.#owed)) owed.clear();
    this.#nonces.clear();
    this.#isForgotten = this.#protocol === "sotw";
    this.cold.clear(); // of a stream that broke between a cluster and its endpoints nobody can know
    this.#refused.clear(); // the other side knows nothing of it any more
    for (const type of modelTypes) if (asked.has(type)) this.#ask(type, true);
  }

  /** Something stale or repeated, which must make no difference. */
  babble(): void {
    const type = this.#random.pick([...this.#asked]);
    const nonce = this.#random.pick(["old", "zzz.99", `${this.#nonces.get(type) ?? ""}x`]);
    const names = this.#random.pick([this.#namesOf(type), [], ["no such name"]]);
    const error = this.#random.chance(50) ? "no good" : undefined;
    this.#send(type, { nonce, names, error });
  }

  #namesOf(type: ModelType): string[] {
    return type === "eds" || type === "rds" ? [...this.#names[type]] : [];
  }

  #ask(type: ModelType, again = false): void {
    this.#asked.add(type);
    const names = this.#namesOf(type);
    const versions = new Map([...this.held[type]].map(([name, { version }]) => [name, version]));
    const sotwNonce = again ? "of another stream" : "";
    this.#send(type, this.#protocol === "delta" ? { add: names, versions } : { names, nonce: sotwNonce });
    for (const name of names) if (this.#protocol === "sotw" || !versions.has(name)) this.#owed[type].add(name);
    if (this.#protocol === "sotw") for (const name of this.held[type].keys()) this.#owed[type].add(name);
  }

  #say(type: ModelType, more: RequestFields): void {
    this.#send(type, { nonce: this.#nonces.get(type) ?? "", names: this.#namesOf(type), ...more });
  }

  #send(type: ModelType, fields: RequestFields): void {
    this.requests.push(sessionRequest(type, fields));
  }

  #absentFrom(type: ModelType, received: readonly Received[]): string[] {
    if (!fullTypes.includes(type)) return [];
    const names = new Set(received.map(({ name }) => name));
    return [...this.held[type].keys()].filter((name) => !names.has(name));
  }

  #check(type: ModelType, received: readonly Received[]): void {
    const names = new Set(received.map(({ name }) => name));
    if (names.size !== received.length) throw new Error(`a name occurs twice in ${type}`);
    for (const { name, text, version } of received) {
      if (this.#refused.has(`${type} ${name} ${text}`)) throw new Error(`${type} ${name} was refused and comes again`);
      const isFull = this.#protocol === "sotw" && fullTypes.includes(type);
      const same = this.held[type].get(name)?.version === version;
      if (same && !isFull && !this.#owed[type].has(name)) throw new Error(`${type} ${name} comes again unchanged`);
    }
  }

  #checkRemoval(type: ModelType, removed: readonly string[], received: readonly Received[]): void {
    if (type === "rds") this.#isForgotten = false;
    if (type !== "cds" || this.#isForgotten) return;
    const gone = new Set(removed.filter((name) => !received.some((resource) => resource.name === name)));
    for (const cluster of this.#referred()) if (gone.has(cluster)) throw new Error(`${cluster} is removed, and a route needs it`);
  }

  #referred(): string[] {
    const texts = [...this.held.vhds.values(), ...this.held.rds.values()].map(({ text }) => text);
    return texts.flatMap((text) => [...text.matchAll(/(outbound\|80\|\|svc-\d+)#/g)].map((match) => match[1] ?? ""));
  }

  #refuse(type: ModelType, received: readonly Received[], bad: readonly Received[]): void {
    for (const { name, text } of bad) {
      if (received.length === 1) this.#refused.add(`${type} ${name} ${text}`);
      if (type === "cds") this.#refusedClusters.add(name);
    }
    // Endpoints follow their clusters at once, so that they come for refused ones too.
    if (type === "cds") for (const { name } of received) if (hasEndpoints(name)) this.#owed.eds.add(name);
    const named = this.#random.chance(50);
    if (named) for (const { name, text } of bad) if (name.length >= 6) this.#refused.add(`${type} ${name} ${text}`);
    const error = named ? `Error adding/updating: ${bad.map(({ name }) => `${name}: no good`).join(", ")}` : "no good";
    if (this.#random.chance(50)) {
      for (const resource of received) {
        if (bad.includes(resource)) continue;
        this.#take(type, resource); // Envoy takes the good part, and does not say so
        this.#owed[type].add(resource.name);
      }
    }
    this.#say(type, { error });
    this.#follow(type);
  }

  #take(type: ModelType, { name, text, version }: Received): void {
    if (type === "eds" || type === "rds") {
      if (!this.#names[type].has(name)) return; // given up meanwhile
    }
    this.#owed[type].delete(name);
    if (type === "vhds") {
      const parent = name.slice(0, name.indexOf("/"));
      if (!this.held.rds.has(parent)) {
        if (this.#names.rds.has(parent)) throw new Error(`${name} comes before its route configuration: Envoy drops it`);
        return;
      }
    }
    const isChanged = this.held[type].get(name)?.text !== text;
    this.held[type].set(name, { text, version });
    if (type === "cds" && hasEndpoints(name)) {
      this.#owed.eds.add(name);
      if (isChanged) this.cold.add(name);
    }
    if (type === "eds" && this.held.cds.has(name)) this.#usable.add(name);
    if (type === "eds") this.cold.delete(name);
    if (type === "vhds" || type === "rds") this.#checkRoute(name, text);
  }

  #checkRoute(name: string, text: string): void {
    for (const [, cluster] of text.matchAll(/(outbound\|80\|\|svc-\d+)#/g)) {
      if (cluster === undefined || this.#refusedClusters.has(cluster) || this.#usable.has(cluster)) continue;
      throw new Error(`${name} sends traffic to ${cluster}, which is not there or not warm`);
    }
  }

  #drop(type: ModelType, name: string): void {
    this.held[type].delete(name);
    if (type !== "cds") return;
    this.#usable.delete(name);
    this.cold.delete(name);
  }

  /** What Envoy asks for and gives up when clusters or listeners have changed. */
  #follow(type: ModelType): void {
    const clusters = [...this.held.cds.keys()].filter(hasEndpoints);
    if (type === "cds") this.#want("eds", new Set(clusters));
    if (type === "lds") {
      const ports = [...this.held.lds.keys()].filter((name) => name.startsWith("0.0.0.0_"));
      this.#want("rds", new Set(ports.map((name) => name.slice("0.0.0.0_".length))));
    }
    const warm = clusters.every((name) => this.held.eds.has(name));
    if (!this.#asked.has("lds") && this.#asked.has("eds") && warm) this.#ask("lds");
    if (type === "rds" && this.#protocol === "delta" && !this.#asked.has("vhds")) this.#ask("vhds");
  }

  #want(type: "eds" | "rds", names: Set<string>): void {
    const before = this.#names[type];
    const add = [...names].filter((name) => !before.has(name));
    const drop = [...before].filter((name) => !names.has(name));
    this.#names[type] = names;
    for (const name of drop) {
      this.held[type].delete(name);
      this.#owed[type].delete(name);
      if (type === "rds") for (const host of [...this.held.vhds.keys()]) if (host.startsWith(`${name}/`)) this.held.vhds.delete(host);
    }
    for (const name of add) this.#owed[type].add(name);
    if (type === "rds") for (const name of add) this.#owe(`${name}/`);
    if (!this.#asked.has(type)) {
      if (names.size > 0) this.#ask(type);
      return;
    }
    if (add.length + drop.length === 0) return;
    if (this.#protocol === "delta") this.#send(type, { add, drop });
    else this.#say(type, {});
  }

  /** The virtual hosts of a route configuration that was just asked for may come in whatever way. */
  #owe(prefix: string): void {
    for (const name of this.held.vhds.keys()) if (name.startsWith(prefix)) this.#owed.vhds.add(name);
  }
}
