import { readMessage } from "./message-json.ts";
import { patchTypes, type ConfigPatch } from "./patch-types.ts";

type Fields = Readonly<Record<string, unknown>>;

/**
 * The value of a patch in proto JSON as Envoy's messages print themselves: camelCase names, `@type` where a message is packed.
 * Empty for a patch without a value.
 */
export function patchValueOf({ applyTo = "INVALID", patch }: ConfigPatch): Fields {
  const type = patchTypes[applyTo];
  return type === undefined || !patch?.value ? {} : readMessage(type, patch.value).json;
}
