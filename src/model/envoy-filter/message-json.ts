import { suggest } from "../spelling.ts";
import type { FieldPath } from "../object.ts";
import { messageTypeOf, type MessageType } from "./message-types.ts";

/** What is wrong inside of a message that a user wrote, and where. */
export interface MessageFault {
  readonly path: FieldPath;
  readonly message: string;
  readonly hint?: string;
}

/** A message in proto JSON with the field names of JSON (`typedConfig` for `typed_config`); its values are as written. */
export interface ReadMessage {
  readonly json: Fields;
  readonly faults: readonly MessageFault[];
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads proto JSON strictly: a field that the type does not have, a value of another type and an Any of an unknown `@type` are faults.
 * The generated `fromJSON` passes over all of these in silence, so what it made is laid beside what was written, field by field.
 * https://protobuf.dev/programming-guides/json/
 */
export function readMessage(type: string, written: Fields): ReadMessage {
  const faults: MessageFault[] = [];
  const message = messageTypeOf(type);
  if (!message) return { json: {}, faults: [{ path: [], message: `no message type ${type} is known` }] };
  const json = fieldsOf(written, convert(message, written, [], faults), [], faults);
  return { json, faults };
}

/** What the generated code makes of it; what it throws (a word that an enum does not have, a duration without "s") is a fault. */
function convert(type: MessageType, written: unknown, path: FieldPath, faults: MessageFault[]): unknown {
  try {
    return type.fromJSON(withoutPacked(written));
  } catch (error) {
    faults.push({ path, message: `is no ${type.$type}: ${error instanceof Error ? error.message : String(error)}` });
    return undefined;
  }
}

/** Messages packed inside are read on their own, each with a path: here they are only there. */
function withoutPacked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPacked);
  if (!isFields(value)) return value;
  if (typeof value["@type"] === "string") return { "@type": "type.googleapis.com/google.protobuf.Any" };
  return Object.fromEntries(Object.entries(value).map(([name, child]) => [name, withoutPacked(child)]));
}

function fieldsOf(written: Fields, made: unknown, path: FieldPath, faults: MessageFault[]): Fields {
  const json: Record<string, unknown> = {};
  if (!isFields(made)) return json;
  for (const [name, value] of Object.entries(written)) {
    const field = Object.hasOwn(made, name) ? name : camelCase(name);
    if (!Object.hasOwn(made, field)) {
      const hint = suggest(name, Object.keys(made));
      faults.push({ path: [...path, name], message: "unknown field", ...(hint !== undefined && { hint }) });
      continue;
    }
    if (Object.hasOwn(json, field))
      faults.push({ path: [...path, name], message: "is there twice, as snake_case too" });
    json[field] = valueOf(value, made[field], [...path, name], faults);
  }
  return json;
}

function valueOf(written: unknown, made: unknown, path: FieldPath, faults: MessageFault[]): unknown {
  if (isFields(written) && typeof written["@type"] === "string") return packed(written, made, path, faults);
  if (Array.isArray(made) && Array.isArray(written) && made.length === written.length)
    return written.map((item, index) => valueOf(item, made[index], [...path, index], faults));
  if (Array.isArray(made) || Array.isArray(written)) return wrong(written, Array.isArray(made) ? "a list" : "no list");
  if (isFields(written)) {
    if (isPacked(made)) return wrong(written, 'a message with "@type"');
    return isFields(made) ? fieldsOf(written, made, path, faults) : wrong(written, "no object");
  }
  return fits(written, made) ? written : wrong(written, nameOf(made));

  function wrong(value: unknown, expected: string): unknown {
    faults.push({ path, message: `must be ${expected}` });
    return value;
  }
}

/** Whether a scalar is what the generated code took it for: it makes `true` of "false" and text of anything. */
function fits(written: unknown, made: unknown): boolean {
  switch (typeof made) {
    case "boolean":
    case "string":
      return typeof written === typeof made;
    case "number":
      return Number.isFinite(made) && typeof written !== "boolean"; // an enum's word, and 64 bits as text, are numbers too
    default:
      if (written === null && made === null) return true; // of a Struct
      return typeof written === "string" && (made instanceof Uint8Array || isDuration(made));
  }
}

function nameOf(made: unknown): string {
  if (typeof made === "boolean") return "true or false";
  if (typeof made === "number") return "a number, or a word that is allowed here";
  return typeof made === "string" ? "text" : "an object";
}

/** An Any: https://protobuf.dev/programming-guides/json/#any */
function packed(written: Fields, made: unknown, path: FieldPath, faults: MessageFault[]): unknown {
  const { url, content } = typed(written);
  if (!isPacked(made)) {
    faults.push({ path: [...path, "@type"], message: "no message of any type may stand here" });
    return written;
  }
  const name = url.slice(url.lastIndexOf("/") + 1);
  const type = messageTypeOf(name);
  if (!type || !url.startsWith("type.googleapis.com/")) {
    faults.push({ path: [...path, "@type"], message: `"${url.slice(0, 200)}" is no type we know` });
    return written;
  }
  if (wellKnown.test(name)) return written;
  return { "@type": url, ...fieldsOf(content, convert(type, content, path, faults), path, faults) };
}

/** A TypedStruct stands for the message that it names: https://github.com/cncf/xds/blob/main/xds/type/v3/typed_struct.proto */
function typed(written: Fields): { readonly url: string; readonly content: Fields } {
  const { "@type": url, ...content } = written;
  const { typeUrl = content["type_url"], value = {} } = content;
  if (
    !/\/(?:udpa\.type\.v1|xds\.type\.v3)\.TypedStruct$/.test(String(url)) ||
    typeof typeUrl !== "string" ||
    !isFields(value)
  )
    return { url: String(url), content };
  return { url: typeUrl, content: value };
}

/** Their JSON is the field `value`. */
const wellKnown = /^google\.protobuf\.(?:\w+Value|Any|Duration|FieldMask|Struct|Timestamp)$/;

const camelCase = (name: string): string => name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

function isPacked(made: unknown): boolean {
  return isFields(made) && typeof made["typeUrl"] === "string" && made["value"] instanceof Uint8Array;
}

function isDuration(made: unknown): boolean {
  return isFields(made) && Number.isFinite(made["seconds"]) && Number.isFinite(made["nanos"]);
}
