export { familiesFor } from "./families.ts";
export { gatewayListeners } from "./gateway.ts";
export { inboundListeners } from "./inbound.ts";
export { outboundListeners } from "./outbound.ts";
