import type { Problem } from "../../lib/index.ts";
import { isPort } from "../problems.ts";
import { fieldsAt, isFields, type Fields, type Named } from "./pod.ts";
import { names, probePort } from "./names.ts";

/** What Envoy asks of the app in place of the kubelet. */
export interface AppProbe {
  /** Path on port 15020 where the kubelet asks: `/app-health/CONTAINER/livez`. */
  readonly path: string;
  readonly port: number;
  readonly timeoutSeconds: number;
  readonly ask:
    | { readonly kind: "http"; readonly path: string; readonly tls: boolean } // on demand, each time the kubelet asks
    | { readonly kind: "tcp"; readonly periodSeconds: number } // by Envoy's own clock
    | { readonly kind: "grpc"; readonly periodSeconds: number; readonly service: string };
}

/** A container's hooks and probes, what each is called in a path, and where it stands. */
const places = [
  { at: ["livenessProbe"], path: "app-health", name: "livez" },
  { at: ["readinessProbe"], path: "app-health", name: "readyz" },
  { at: ["startupProbe"], path: "app-health", name: "startupz" },
  { at: ["lifecycle", "postStart"], path: "app-lifecycle", name: "poststart" },
  { at: ["lifecycle", "preStop"], path: "app-lifecycle", name: "prestop" },
] as const;

/** Containers whose probes go to Envoy, and what Envoy then asks the app. */
export interface RewrittenProbes {
  readonly containers: readonly Named[];
  readonly probes: readonly AppProbe[];
  readonly problems: readonly Problem[];
}

/**
 * Leads the kubelet's probes to port 15020, where Envoy answers them from what the app says. The kubelet has no certificate, so
 * under STRICT mTLS it could not reach the app; and at a proxied port a TCP probe would only ever find the proxy alive.
 * https://istio.io/latest/docs/ops/configuration/mesh/app-health-check/
 */
export function rewriteProbes(containers: readonly Named[], field: string): RewrittenProbes {
  const probes: AppProbe[] = [];
  const problems: Problem[] = [];
  const rewritten = containers.map((container, i) => {
    if (container.name === names.proxy || container.name === names.init) return container;
    return places.reduce((changed, place) => {
      const where = `${field}[${i}].${place.at.join(".")}`;
      const found = rewriteOne(changed, place, where);
      if (found.problem) problems.push(found.problem);
      if (found.probe) probes.push(found.probe);
      return found.container;
    }, container);
  });
  return { containers: rewritten, probes, problems };
}

/** A hook may take its time: the pod's grace period bounds it. */
const hookSeconds = 3600;

/** It becomes part of a command line, where `$(NAME)` would be a variable. */
const serviceName = /^[A-Za-z0-9._/-]{0,255}$/;

interface Rewritten {
  readonly container: Named;
  readonly probe?: AppProbe;
  readonly problem?: Problem;
}

function rewriteOne(container: Named, { at, path, name }: (typeof places)[number], where: string): Rewritten {
  const holder: Fields = at.length === 1 ? container : fieldsAt(container, at[0]);
  const key = at.length === 1 ? at[0] : at[1];
  const probe = holder[key];
  if (!isFields(probe)) return { container };
  const kind = (["httpGet", "tcpSocket", "grpc"] as const).find((action) => isFields(probe[action]));
  if (kind === undefined || (path === "app-lifecycle" && kind !== "httpGet")) return { container };
  const action = fieldsAt(probe, kind);
  if (typeof action["host"] === "string" && action["host"] !== "") return { container }; // asks somebody else
  const port = portOf(container, action["port"]);
  const leave = (why: string): Rewritten => {
    return { container, problem: { code: "HED503", level: "warning", field: where, message: `${why}: left as it is` } };
  };
  if (port === undefined) return leave("its port is neither a number nor the name of one of the container's ports");
  if (kind === "grpc" && !serviceName.test(textAt(action, "service"))) return leave("its service is no name of gRPC");
  const url = `/${path}/${container.name}/${name}`;
  const asked = appProbe(kind, action, path === "app-lifecycle" ? { timeoutSeconds: hookSeconds } : probe, port, url);
  const query = asked.ask.kind === "http" ? queryOf(textAt(action, "path")) : "";
  const httpGet: Fields = {
    ...(isListAt(action, "httpHeaders") ? { httpHeaders: action["httpHeaders"] } : {}),
    path: `${url}${query}`,
    port: probePort,
    scheme: "HTTP",
  };
  const { [kind]: _, ...rest } = probe;
  const changed = { ...rest, httpGet };
  const replaced =
    at.length === 1 ? { ...container, [key]: changed } : { ...container, [at[0]]: { ...holder, [key]: changed } };
  return { container: replaced, probe: asked };
}

function appProbe(
  kind: "httpGet" | "tcpSocket" | "grpc",
  action: Fields,
  probe: Fields,
  port: number,
  path: string,
): AppProbe {
  const timeoutSeconds = countOf(probe["timeoutSeconds"], 1);
  const periodSeconds = countOf(probe["periodSeconds"], 10);
  const base = { path, port, timeoutSeconds };
  if (kind === "tcpSocket") return { ...base, ask: { kind: "tcp", periodSeconds } };
  if (kind === "grpc") return { ...base, ask: { kind: "grpc", periodSeconds, service: textAt(action, "service") } };
  const [target = ""] = textAt(action, "path").split("?");
  const appPath = target.startsWith("/") ? target : `/${target}`;
  return { ...base, ask: { kind: "http", path: appPath, tls: textAt(action, "scheme").toUpperCase() === "HTTPS" } };
}

function textAt(fields: Fields, key: string): string {
  const value = fields[key];
  return typeof value === "string" ? value : "";
}

function isListAt(fields: Fields, key: string): boolean {
  return Array.isArray(fields[key]);
}

/** Envoy puts another path in place and keeps the query, so the query stays with the kubelet. */
function queryOf(path: string): string {
  const mark = path.indexOf("?");
  return mark < 0 ? "" : path.slice(mark);
}

function countOf(value: unknown, otherwise: number): number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= 86_400 ? value : otherwise;
}

/** A number, a number in quotes, or the name of one of the container's ports. */
function portOf(container: Named, port: unknown): number | undefined {
  if (typeof port === "number") return isPort(port) ? port : undefined;
  if (typeof port !== "string") return undefined;
  if (/^\d{1,5}$/.test(port)) return isPort(Number(port)) ? Number(port) : undefined;
  const ports = Array.isArray(container["ports"]) ? (container["ports"] as unknown[]) : [];
  const named = ports.find((entry) => isFields(entry) && entry["name"] === port);
  const number = isFields(named) ? named["containerPort"] : undefined;
  return typeof number === "number" && isPort(number) ? number : undefined;
}
