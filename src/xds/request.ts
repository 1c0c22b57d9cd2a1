import { DeltaDiscoveryRequest, DiscoveryRequest } from "../../generated/envoy/service/discovery/v3/discovery.ts";
import type { Node } from "../../generated/envoy/config/core/v3/base.ts";
import { typeUrls, type XdsType } from "../envoy/index.ts";
import { nameSet, noNames, plus, type NameSet } from "./name-set.ts";
import { NameTable } from "./name-table.ts";

export type Protocol = "delta" | "sotw";

/** A request of either protocol, checked and within bounds. `add`, `drop` and `versions` are delta's, `names` is SotW's; a wildcard is the name `*`. */
export interface Request {
  readonly type: XdsType | undefined; // undefined: a type we do not serve
  readonly typeUrl: string;
  readonly node: Node | undefined;
  readonly nonce: string;
  readonly error: string | undefined; // set: a NACK
  readonly names: NameSet;
  readonly add: NameSet;
  readonly drop: NameSet;
  readonly versions: ReadonlyMap<string, string>;
}

/** What one request may hold: anything more is no Envoy. */
export const requestLimits = { names: 50_000, nameLength: 1_024, nameBytes: 3 * 1024 * 1024, error: 4_096 } as const;

type Parsed = { readonly request: Request } | { readonly invalid: string };

const types = new Map<string, XdsType>(Object.entries(typeUrls).map(([type, url]) => [url, type as XdsType]));
const noVersions: ReadonlyMap<string, string> = new Map();

function checkNames(lists: readonly Iterable<string>[]): string | undefined {
  let count = 0;
  let bytes = 0;
  for (const list of lists) {
    for (const name of list) {
      if (name.length > requestLimits.nameLength) return "a resource name is too long";
      count += 1;
      bytes += name.length;
    }
  }
  if (count > requestLimits.names || bytes > requestLimits.nameBytes) return "too many resource names";
  return undefined;
}

/** Decodes one message. `invalid` says what is wrong with it, for the status of the closed stream; it quotes nothing of it. */
export function parseRequest(protocol: Protocol, bytes: Uint8Array): Parsed {
  try {
    return protocol === "delta" ? parseDelta(bytes) : parseSotw(bytes);
  } catch {
    return { invalid: "not a discovery request" };
  }
}

const table = new NameTable(requestLimits);

function parseDelta(bytes: Uint8Array): Parsed {
  const long = table.take(bytes, 3);
  const message = DeltaDiscoveryRequest.decode(long?.rest ?? bytes);
  const versions = Object.entries(message.initialResourceVersions);
  const { resourceNamesSubscribe: add, resourceNamesUnsubscribe: drop } = message;
  const held = versions.length > 0 ? new Map(versions) : noVersions;
  const invalid = checkNames([long?.names ?? noNames, add, drop, held.keys()]) ?? checkUrl(message.typeUrl);
  if (invalid !== undefined) return { invalid };
  const lists = {
    names: noNames,
    add: plus(long?.names ?? noNames, nameSet(add)),
    drop: nameSet(drop),
    versions: held,
  };
  return { request: { ...common(message), ...lists } };
}

function parseSotw(bytes: Uint8Array): Parsed {
  const long = table.take(bytes, 3);
  const message = DiscoveryRequest.decode(long?.rest ?? bytes);
  const invalid = checkNames([long?.names ?? noNames, message.resourceNames]) ?? checkUrl(message.typeUrl);
  if (invalid !== undefined) return { invalid };
  const names = plus(long?.names ?? noNames, nameSet(message.resourceNames));
  return { request: { ...common(message), names, add: noNames, drop: noNames, versions: noVersions } };
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
