import type { JsonObject } from "../decode.ts";
import { isList } from "../decode.ts";
import type { Patch, PatchContext } from "./patch.ts";

/** Whether a patch is for a route configuration: https://istio.io/latest/docs/reference/config/networking/envoy-filter/#EnvoyFilter-RouteConfigurationMatch */
export function isRouteConfiguration(name: string, { match }: Patch, context: PatchContext): boolean {
  const asked = match.routeConfiguration;
  if (!asked) return true;
  if (asked.name && asked.name !== name) return false;
  const { port, portName, gateway } = context === "GATEWAY" ? gatewayPlace(name) : { port: portOf(name) };
  if (asked.portNumber && asked.portNumber !== port) return false;
  if (context !== "GATEWAY") return true;
  if (asked.portName && asked.portName !== portName) return false;
  return !asked.gateway || asked.gateway === gateway;
}

/** `80`, `host:80` and `inbound|80||`. */
function portOf(name: string): number {
  return Number(/^(?:inbound\|)?([0-9]+)(?:\|.*)?$/.exec(name)?.[1] ?? /:([0-9]+)$/.exec(name)?.[1] ?? 0);
}

interface GatewayPlace {
  readonly port: number;
  readonly portName?: string | undefined;
  readonly gateway?: string | undefined; // namespace/name
}

/** `http.80`, and `https.443.name.gateway.namespace`. */
function gatewayPlace(name: string): GatewayPlace {
  const [, port, portName, gateway, namespace] = name.split(".");
  return { port: Number(port), portName, gateway: gateway && `${namespace ?? ""}/${gateway}` };
}

/** Whether it is the virtual host that the patch names; any, where it names none. */
export function isVirtualHost({ name, domains }: JsonObject, { match }: Patch): boolean {
  const asked = match.routeConfiguration?.vhost;
  if (!asked) return true;
  if (asked.domainName && !(isList(domains) && domains.includes(asked.domainName))) return false;
  return !asked.name || isNamed(typeof name === "string" ? name : "", asked.name);
}

/** One that travels alone is named `<route configuration>/<host>`; Istio's name for it is `<host>:<port>`. */
function isNamed(name: string, asked: string): boolean {
  if (name === asked) return true;
  const host = name.includes("/") ? name.slice(name.indexOf("/") + 1) : undefined;
  return host !== undefined && (asked === host || asked.replace(/:[0-9]+$/, "") === host);
}

/** Whether a patch names a route. */
export function hasRoute({ match }: Patch): boolean {
  return match.routeConfiguration?.vhost?.route !== undefined;
}

const actions = { ROUTE: "route", REDIRECT: "redirect", DIRECT_RESPONSE: "directResponse" } as const;

/** Whether it is the route that the patch names; any, where it names none. */
export function isRoute(route: JsonObject, { match }: Patch): boolean {
  const { name, action = "ANY" } = match.routeConfiguration?.vhost?.route ?? {};
  if (name && name !== route["name"]) return false;
  return action === "ANY" || Object.hasOwn(route, actions[action]);
}
