/** An Envoy configuration as it is written. */
export type Json = null | boolean | number | string | Json[] | Fields;

export interface Fields {
  [field: string]: Json;
}

/** The text of a field, empty where it is none. */
export function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

/** `{"@type": ...}` and the fields of a message. */
export function typed(name: string, fields: Fields = {}): Fields {
  return { "@type": `type.googleapis.com/envoy.${name}`, ...fields };
}

/** An extension of Envoy by name, with its configuration. */
export function extension(name: string, type: string, fields: Fields = {}): Fields {
  return { name, typed_config: typed(type, fields) };
}
