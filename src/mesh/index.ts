export type * from "./types.ts";
export { buildSnapshot, currentObject } from "./snapshot.ts";
export { viewFor } from "./view.ts";
export { resolveProxy } from "./proxy.ts";
export { settingsFrom } from "./settings.ts";
export { protocolFor } from "./protocol.ts";
export { hostMatches, isSubsetOf, isWildcard, resolveShortName } from "./host.ts";
