import type { AppliedDestinationRule, Service } from "../../mesh/index.ts";
import type { HttpRoute } from "../../model/index.ts";
import { outboundClusterName } from "../names.ts";

export type Destination = NonNullable<HttpRoute["route"]>[number]["destination"];

/** What a route needs to know of a service it sends to. */
export interface Target {
  readonly service: Service;
  /** Only where it says how requests pick a host. */
  readonly rule?: AppliedDestinationRule;
}

/** What the routes of one port are built with: the targets of their rules by hostname, and nothing else of the mesh. */
export interface RouteContext {
  readonly port: number;
  readonly targets: ReadonlyMap<string, Target>;
  /** Requests came over TLS that a gateway ended; false. */
  readonly overTls?: boolean;
}

/**
 * The port a destination means: its own, else the service's only one, else the port that the request came to.
 * https://istio.io/latest/docs/reference/config/networking/virtual-service/#Destination
 */
export function destinationPort(destination: Destination, { port, targets }: RouteContext): number {
  if (destination.port?.number) return destination.port.number;
  const ports = targets.get(destination.host)?.service.ports ?? [];
  return (ports.length === 1 ? ports[0]?.number : undefined) ?? port;
}

/** The cluster of a destination; named even where there is none, so that the route answers 503 until it comes. */
export function destinationCluster(destination: Destination, context: RouteContext): string {
  const host = context.targets.get(destination.host)?.service.hostname ?? destination.host; // of an alias, its service's
  return outboundClusterName(host, destinationPort(destination, context), destination.subset);
}
