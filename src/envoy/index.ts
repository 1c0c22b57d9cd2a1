export * from "./resource.ts";
export * from "./names.ts";
