import { isList, isObject, type Json, type JsonObject } from "../decode.ts";
import { virtualInbound, virtualOutbound } from "../names.ts";
import type { Patch } from "./patch.ts";

/** The ports of these are in the matches of their chains. */
const virtual: ReadonlySet<unknown> = new Set([virtualInbound, virtualOutbound]);

/** Whether a patch is for a listener: https://istio.io/latest/docs/reference/config/networking/envoy-filter/#EnvoyFilter-ListenerMatch */
export function isListener(listener: JsonObject, { match: { listener: match }, applyTo }: Patch): boolean {
  if (!match) return true;
  if (match.name && match.name !== listener["name"]) return false;
  if (!match.portNumber || (applyTo !== "LISTENER" && virtual.has(listener["name"]))) return true;
  return portOf(listener) === match.portNumber;
}

function portOf({ address }: JsonObject): Json | undefined {
  const socket = isObject(address) ? address["socketAddress"] : undefined;
  return isObject(socket) ? socket["portValue"] : undefined;
}

/** Whether a patch for a listener is for one of its chains. */
export function isChain(listener: JsonObject, chain: JsonObject, { match: { listener: match } }: Patch): boolean {
  if (!match) return true;
  const found = isObject(chain["filterChainMatch"]) ? chain["filterChainMatch"] : {};
  const { destinationPort, transportProtocol } = found;
  if (match.portNumber && virtual.has(listener["name"]) && destinationPort !== match.portNumber) return false;
  const asked = match.filterChain;
  if (!asked) return true;
  if (asked.name && asked.name !== chain["name"]) return false;
  if (asked.sni && !texts(found["serverNames"]).includes(asked.sni)) return false;
  if (asked.transportProtocol && asked.transportProtocol !== transportProtocol) return false;
  if (asked.destinationPort && asked.destinationPort !== destinationPort) return false;
  const protocols = asked.applicationProtocols ? asked.applicationProtocols.split(",") : [];
  return protocols.every((protocol) => texts(found["applicationProtocols"]).includes(protocol.trim()));
}

/** Whether it is the network filter that the patch names; any, where it names none. */
export function isNetworkFilter(filter: JsonObject, patch: Patch): boolean {
  const name = patch.match.listener?.filterChain?.filter?.name;
  return !name || name === filter["name"];
}

function texts(value: Json | undefined): readonly Json[] {
  return isList(value) ? value : [];
}
