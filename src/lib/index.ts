export * from "./problem.ts";
export * from "./memo.ts";
export * from "./hash.ts";
export * from "./clock.ts";
export * from "./log.ts";
export * from "./names.ts";
export * from "./coalesce.ts";
export * from "./admission.ts";
