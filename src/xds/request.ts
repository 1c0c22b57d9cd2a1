import { DeltaDiscoveryRequest, DiscoveryRequest } from "../../generated/envoy/service/discovery/v3/discovery.ts";
import type { Node } from "../../generated/envoy/config/core/v3/base.ts";
import { typeUrls, type XdsType } from "../envoy/index.ts";

export type Protocol = "delta" | "sotw";

/** A request of either protocol, checked and within bounds. `add`, `drop` and `versions` are delta's, `names` is SotW's. */
export interface Request {
  readonly type: XdsType | undefined; // undefined: a type we do not serve
  readonly typeUrl: string;
  readonly node: Node | undefined;
  readonly nonce: string;
  readonly error: string | undefined; // set: a NACK
  readonly names: readonly string[];
  readonly add: readonly string[];
  readonly drop: readonly string[];
  readonly versions: ReadonlyMap<string, string>;
}

/** What one request may hold: anything more is no Envoy. */
export const requestLimits = { names: 50_000, nameLength: 1_024, nameBytes: 3 * 1024 * 1024, error: 4_096 } as const;

const types = new Map<string, XdsType>(Object.entries(typeUrls).map(([type, url]) => [url, type as XdsType]));
const noVersions: ReadonlyMap<string, string> = new Map();

function checkNames(lists: readonly (readonly string[])[]): string | undefined {
  let count = 0;
  let bytes = 0;
  for (const list of lists) {
    count += list.length;
    for (const name of list) {
      if (name.length > requestLimits.nameLength) return "a resource name is too long";
      bytes += name.length;
    }
  }
  if (count > requestLimits.names || bytes > requestLimits.nameBytes) return "too many resource names";
  return undefined;
}

/** Decodes one message. `invalid` says what is wrong with it, for the status of the closed stream; it quotes nothing of it. */
export function parseRequest(protocol: Protocol, bytes: Uint8Array): { request: Request } | { invalid: string } {
  try {
    return protocol === "delta" ? parseDelta(bytes) : parseSotw(bytes);
  } catch {
    return { invalid: "not a discovery request" };
  }
}

function parseDelta(bytes: Uint8Array): { request: Request } | { invalid: string } {
  const message = DeltaDiscoveryRequest.decode(bytes);
  const versions = Object.entries(message.initialResourceVersions);
  const { resourceNamesSubscribe: add, resourceNamesUnsubscribe: drop } = message;
  const invalid = checkNames([add, drop, versions.map(([name]) => name)]) ?? checkUrl(message.typeUrl);
  if (invalid) return { invalid };
  return {
    request: {
      ...common(message),
      names: [],
      add,
      drop,
      versions: versions.length > 0 ? new Map(versions) : noVersions,
    },
  };
}

function parseSotw(bytes: Uint8Array): { request: Request } | { invalid: string } {
  const message = DiscoveryRequest.decode(bytes);
  const invalid = checkNames([message.resourceNames]) ?? checkUrl(message.typeUrl);
  if (invalid) return { invalid };
  return { request: { ...common(message), names: message.resourceNames, add: [], drop: [], versions: noVersions } };
}

function checkUrl(typeUrl: string): string | undefined {
  if (typeUrl === "") return "no type_url";
  return typeUrl.length > 256 ? "type_url is too long" : undefined;
}

function common(message: DeltaDiscoveryRequest | DiscoveryRequest) {
  const { node, typeUrl, responseNonce: nonce, errorDetail } = message;
  const error = errorDetail ? (errorDetail.message || "no reason given").slice(0, requestLimits.error) : undefined;
  return { type: types.get(typeUrl), typeUrl, node, nonce, error };
}
