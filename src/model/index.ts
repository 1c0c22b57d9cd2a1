export * from "./object.ts";
export type * from "./types.ts";
export type * from "./kubernetes/types.ts";
export type * from "./mesh-config/types.ts";
export { codes, type Code } from "./codes.ts";
export { kinds } from "./kinds.ts";
export {
  parseDocuments,
  parseObject,
  isSameObject,
  moveOrigin,
  duplicateProblem,
  refOf,
  maxFileBytes,
  type ParsedFile,
  type ParsedObject,
} from "./parse.ts";
export { splitDocuments, type DocumentText } from "./document/split.ts";
export { parseDuration } from "./duration.ts";
export { isCidr, isIp, isLabel, isSubdomain } from "./names.ts";
