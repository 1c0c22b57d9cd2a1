import { typeUrls, type XdsType } from "../../envoy/index.ts";
import { nameSet } from "../name-set.ts";
import type { Request } from "../request.ts";

export interface RequestFields {
  readonly nonce?: string;
  readonly error?: string | undefined;
  readonly names?: readonly string[];
  readonly add?: readonly string[];
  readonly drop?: readonly string[];
  readonly versions?: ReadonlyMap<string, string>;
}

/** A request as a session receives it; what is left out is empty. */
export function sessionRequest<T extends XdsType>(type: T, fields: RequestFields): Request & { readonly type: T } {
  const { nonce = "", error, names = [], add = [], drop = [], versions = new Map<string, string>() } = fields;
  const lists = { names: nameSet(names), add: nameSet(add), drop: nameSet(drop), versions };
  return { type, typeUrl: typeUrls[type], node: undefined, nonce, error, ...lists };
}
