import { Any } from "../../generated/google/protobuf/any.ts";
import type { Resource } from "./resource.ts";

/** Any value of JSON. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [field: string]: Json;
}

/**
 * A resource in proto JSON with `@type`, defaults omitted: https://protobuf.dev/programming-guides/json/. The types inside were all
 * packed by us, so they are known.
 */
export function decodeResource(resource: Pick<Resource, "bytes">): JsonObject {
  const json: unknown = Any.toJSON(Any.decode(resource.bytes)); // not kept: it is many times as large as the bytes
  return json as JsonObject;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}
