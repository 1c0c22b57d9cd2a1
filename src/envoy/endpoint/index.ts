export { endpointAssignments, nearAssignments } from "./assignments.ts";
