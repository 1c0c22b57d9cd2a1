export { familiesFor } from "./families.ts";
export { inboundListeners } from "./inbound.ts";
export { outboundListeners } from "./outbound.ts";
