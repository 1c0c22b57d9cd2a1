import { Cluster } from "../../generated/envoy/config/cluster/v3/cluster.ts";
import { Listener } from "../../generated/envoy/config/listener/v3/listener.ts";
import { RouteConfiguration } from "../../generated/envoy/config/route/v3/route.ts";
import { HttpConnectionManager } from "../../generated/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts";
import {
  DeltaDiscoveryRequest,
  DeltaDiscoveryResponse,
  type DeepPartial,
  type Resource,
} from "../../generated/envoy/service/discovery/v3/discovery.ts";
import { typeUrls, type XdsType } from "../../src/envoy/index.ts";
import { GrpcStream, type Dial, type End } from "./grpc-stream.ts";

export const xdsTypes = Object.keys(typeUrls) as XdsType[];

const typeOf = (url: string): XdsType | undefined => xdsTypes.find((type) => typeUrls[type] === url);

/** Who a sidecar says it is. */
export interface NodeClaim {
  readonly name: string;
  readonly namespace: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** One response, as far as tests look at it. */
export interface Received {
  readonly type: XdsType;
  readonly names: readonly string[];
  readonly removed: readonly string[];
  readonly bytes: number;
}

export function nodeOf({ name, namespace, metadata }: NodeClaim): object {
  return {
    id: `sidecar~10.244.1.1~${name}.${namespace}~${namespace}.svc.cluster.local`,
    metadata: metadata ?? { NAME: name, NAMESPACE: namespace },
  };
}

interface Held {
  readonly version: string;
  readonly value: Uint8Array;
}

/** A delta client that asks for what Envoy would ask for, takes everything, and remembers it over a reconnect. */
export class ScriptedSidecar {
  readonly held: Record<XdsType, Map<string, Held>> = {
    ...{ cds: new Map(), eds: new Map(), lds: new Map() },
    ...{ rds: new Map(), vhds: new Map(), sds: new Map() },
  };
  readonly received: Received[] = [];
  readonly #claim: NodeClaim;
  readonly #asked = new Map<XdsType, Set<string>>(); // names; none for what is asked for as a whole
  #stream: GrpcStream | undefined;
  #isFirst = true;

  constructor(claim: NodeClaim) {
    this.#claim = claim;
  }

  /** Opens a stream. From the second time on it says what it holds. */
  connect(dial: Dial): void {
    this.#isFirst = true;
    this.#stream = new GrpcStream(dial, (bytes) => this.#onResponse(bytes));
    if (this.#asked.size === 0) {
      this.#ask("cds", []);
      this.#ask("sds", ["default", "ROOTCA"]);
      return;
    }
    for (const [type, names] of this.#asked) {
      const versions = [...this.held[type]].map(([name, { version }]) => [name, version]);
      this.#send(type, {
        resourceNamesSubscribe: [...names],
        initialResourceVersions: Object.fromEntries(versions) as Record<string, string>,
      });
    }
  }

  get end(): End | undefined {
    return this.#stream?.end;
  }

  get ended(): Promise<End | undefined> {
    return this.#stream?.ended ?? Promise.resolve(undefined);
  }

  /** It has had an answer to everything that it would wait for. */
  get isComplete(): boolean {
    const { cds, eds, lds, rds, sds } = this.held;
    const has = (type: XdsType, map: ReadonlyMap<string, Held>): boolean => {
      const names = this.#asked.get(type);
      return names !== undefined && [...names].every((name) => map.has(name));
    };
    return cds.size > 0 && lds.size > 0 && has("eds", eds) && has("rds", rds) && has("sds", sds);
  }

  /** Whether any resource it holds contains this text. */
  holds(type: XdsType, text: string): boolean {
    return [...this.held[type].values()].some(({ value }) => Buffer.from(value).includes(text));
  }

  close(): void {
    this.#stream?.close();
  }

  #onResponse(bytes: Buffer): void {
    const response = DeltaDiscoveryResponse.decode(bytes);
    const type = typeOf(response.typeUrl);
    if (!type) throw new Error(`a response of type ${response.typeUrl}`);
    const { resources, removedResources: removed, nonce } = response;
    this.received.push({ type, names: resources.map(({ name }) => name), removed, bytes: bytes.length });
    for (const { name, version, resource } of resources) {
      if (resource) this.held[type].set(name, { version, value: resource.value });
      else this.held[type].delete(name); // a virtual host that does not exist
    }
    for (const name of removed) this.held[type].delete(name);
    this.#send(type, { responseNonce: nonce });
    for (const resource of resources) this.#follow(type, resource);
    if (type === "cds") this.#askFor("eds", needs.edsOf(resources), removed);
    if (type === "eds" && !this.#asked.has("lds")) this.#ask("lds", []); // once its clusters are warm
    if (type === "lds") this.#askFor("rds", needs.rdsOf(resources), []);
  }

  #follow(type: XdsType, { resource }: Resource): void {
    if (type !== "rds" || !resource || this.#asked.has("vhds")) return;
    if (RouteConfiguration.decode(resource.value).vhds) this.#ask("vhds", []);
  }

  /** The endpoints of a cluster that came, also when it was held: it is warming. */
  #askFor(type: "eds" | "rds", names: readonly string[], removed: readonly string[]): void {
    const before = this.#asked.get(type);
    const gone = removed.filter((name) => before?.has(name));
    const fresh = type === "eds" ? names : names.filter((name) => !before?.has(name));
    if (before && fresh.length === 0 && gone.length === 0) return;
    this.#asked.set(type, new Set([...(before ?? []), ...names].filter((name) => !gone.includes(name))));
    for (const name of gone) this.held[type].delete(name);
    this.#send(type, { resourceNamesSubscribe: [...fresh], resourceNamesUnsubscribe: gone });
  }

  #ask(type: XdsType, names: readonly string[]): void {
    this.#asked.set(type, new Set(names));
    this.#send(type, { resourceNamesSubscribe: [...names] });
  }

  #send(type: XdsType, fields: DeepPartial<DeltaDiscoveryRequest>): void {
    const node = this.#isFirst ? { node: nodeOf(this.#claim) } : {};
    this.#isFirst = false;
    const request = DeltaDiscoveryRequest.fromPartial({ typeUrl: typeUrls[type], ...node, ...fields });
    this.#stream?.write(DeltaDiscoveryRequest.encode(request).finish());
  }
}

/** What resources make a client ask for; decoded once for each version of each, however many clients there are. */
class Needs {
  readonly #known = new Map<string, readonly string[]>();

  /** Cluster names, which are also the names of their endpoints where they have any. */
  edsOf(clusters: readonly Resource[]): string[] {
    return this.#all("cds", clusters, (value) => {
      const { name, edsClusterConfig } = Cluster.decode(value);
      return edsClusterConfig ? [edsClusterConfig.serviceName || name] : [];
    });
  }

  rdsOf(listeners: readonly Resource[]): string[] {
    return this.#all("lds", listeners, (value) => {
      const { filterChains, defaultFilterChain } = Listener.decode(value);
      const filters = [...filterChains, ...(defaultFilterChain ? [defaultFilterChain] : [])].flatMap(
        ({ filters }) => filters,
      );
      return filters.flatMap(({ typedConfig }) => {
        if (!typedConfig?.typeUrl.endsWith(".HttpConnectionManager")) return [];
        return HttpConnectionManager.decode(typedConfig.value).rds?.routeConfigName ?? [];
      });
    });
  }

  #all(type: XdsType, resources: readonly Resource[], read: (value: Uint8Array) => string[]): string[] {
    const names = resources.flatMap(({ name, version, resource }) => {
      const key = `${type} ${name} ${version}`;
      let known = this.#known.get(key);
      if (!known) this.#known.set(key, (known = resource ? read(resource.value) : []));
      return known;
    });
    return [...new Set(names)];
  }
}

const needs = new Needs();
