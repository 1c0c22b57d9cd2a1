import type { Resource } from "../envoy/index.ts";

/** A message ready to be framed: its parts in order, and their total length in bytes. The large parts are shared between streams. */
export interface Message {
  readonly parts: readonly Uint8Array[];
  readonly bytes: number;
}

/** Field numbers of discovery.proto that we write, shifted and tagged as length-delimited. */
const field = { version: 10, resources: 18, typeUrl: 34, nonce: 42, removed: 50 } as const;
const resourceField = { version: 10, body: 18, name: 26, aliases: 34 } as const;

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) size += 1;
  return size;
}

function writeVarint(target: Buffer, at: number, value: number): number {
  let rest = value;
  let next = at;
  while (rest > 127) {
    target[next++] = (rest & 127) | 128;
    rest = Math.floor(rest / 128);
  }
  target[next++] = rest;
  return next;
}

function textSize(text: string): number {
  const length = Buffer.byteLength(text);
  return 1 + varintSize(length) + length;
}

function writeText(target: Buffer, at: number, tag: number, text: string): number {
  target[at] = tag;
  const next = writeVarint(target, at + 1, Buffer.byteLength(text));
  return next + target.write(text, next);
}

function bytesSize(bytes: Uint8Array): number {
  return 1 + varintSize(bytes.length) + bytes.length;
}

function writeBytes(target: Buffer, at: number, tag: number, bytes: Uint8Array): number {
  target[at] = tag;
  const next = writeVarint(target, at + 1, bytes.length);
  target.set(bytes, next);
  return next + bytes.length;
}

/** Repeated field `resources` of a DiscoveryResponse, one encoded Any each. */
export function sotwEntries(resources: readonly Resource[]): Buffer {
  let size = 0;
  for (const { bytes } of resources) size += bytesSize(bytes);
  const target = Buffer.allocUnsafeSlow(size);
  let at = 0;
  for (const { bytes } of resources) at = writeBytes(target, at, field.resources, bytes);
  return target;
}

/** Repeated field `resources` of a DeltaDiscoveryResponse: each resource with its name and version. */
export function deltaEntries(resources: readonly Resource[]): Buffer {
  const inner = resources.map(({ name, version, bytes }) => textSize(name) + textSize(version) + bytesSize(bytes));
  const target = Buffer.allocUnsafeSlow(inner.reduce((sum, size) => sum + 1 + varintSize(size) + size, 0));
  let at = 0;
  resources.forEach(({ name, version, bytes }, index) => {
    target[at] = field.resources;
    at = writeVarint(target, at + 1, inner[index] ?? 0);
    at = writeText(target, at, resourceField.name, name);
    at = writeText(target, at, resourceField.version, version);
    at = writeBytes(target, at, resourceField.body, bytes);
  });
  return target;
}

/**
 * What says that a virtual host does not exist: a resource without body that is its own alias. Envoy hangs on `removed_resources` here.
 * https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/vhds
 */
export function absentEntries(names: readonly string[]): Buffer {
  const inner = names.map((name) => 2 * textSize(name));
  const target = Buffer.allocUnsafeSlow(inner.reduce((sum, size) => sum + 1 + varintSize(size) + size, 0));
  let at = 0;
  names.forEach((name, index) => {
    target[at] = field.resources;
    at = writeVarint(target, at + 1, inner[index] ?? 0);
    at = writeText(target, at, resourceField.name, name);
    at = writeText(target, at, resourceField.aliases, name);
  });
  return target;
}

/**
 * A DiscoveryResponse or a DeltaDiscoveryResponse around encoded entries, byte for byte as the generated encoder writes it.
 * `removed` is for delta only. Empty texts are left out, as proto3 does.
 * https://www.envoyproxy.io/docs/envoy/latest/api-v3/service/discovery/v3/discovery.proto
 */
export function assemble(
  version: string,
  entries: readonly Uint8Array[],
  typeUrl: string,
  removed: readonly string[],
  nonce: string,
): Message {
  const head = Buffer.allocUnsafe(version === "" ? 0 : textSize(version));
  if (version !== "") writeText(head, 0, field.version, version);
  const tail = Buffer.allocUnsafe(
    textSize(typeUrl) + textSize(nonce) + removed.reduce((sum, name) => sum + textSize(name), 0),
  );
  let at = writeText(tail, 0, field.typeUrl, typeUrl);
  for (const name of removed) at = writeText(tail, at, field.removed, name);
  writeText(tail, at, field.nonce, nonce);
  const parts = [head, ...entries, tail];
  return { parts, bytes: parts.reduce((sum, part) => sum + part.length, 0) };
}
