export type * from "./types.ts";
export { openAuthority } from "./key-ring.ts";
/** @public The one grammar of names: whoever writes or reads a SPIFFE id does it here. */
export { parseSpiffeId, spiffeId } from "./spiffe.ts";
export { AuthorityError } from "./authority-error.ts";
export { claimsJoinToken } from "./join-token.ts";
export { makeAuthority } from "./root.ts";
