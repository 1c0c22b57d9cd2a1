export { familiesFor, type Families } from "./families.ts";
export { inboundListener, inboundListeners, inboundPort } from "./inbound.ts";
export { outboundListeners } from "./outbound.ts";
export { outboundPort } from "./virtual-outbound.ts";
