export { ObjectTable } from "./object-table.ts";
export { readDirectory } from "./read.ts";
