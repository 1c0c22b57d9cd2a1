export { endpointAssignments } from "./assignments.ts";
