export type * from "./types.ts";
export { AuthorityError } from "./authority-error.ts";
export { openAuthority } from "./key-ring.ts";
export { parseSpiffeId, spiffeId } from "./spiffe.ts";
export { maxTokenLifeMs, tokenAudience } from "./join-token.ts";
