export * from "./object.ts";
export type * from "./types.ts";
export type * from "./kubernetes/types.ts";
export type * from "./mesh-config/types.ts";
