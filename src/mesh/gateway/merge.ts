import type { MeshObject } from "../../model/index.ts";
import { protocolFor } from "../protocol.ts";
import type { GatewayListener, GatewayServer, Protocol } from "../types.ts";
import { withoutNamespace } from "./hosts.ts";

type GatewayObject = MeshObject<"Gateway">;
type Listener = Pick<GatewayListener, "port" | "bind"> & { readonly servers: ServerPlace[] };

/** A server of a Gateway, and the port of the proxy that it comes to. */
export interface ServerPlace extends Pick<GatewayServer, "object" | "index" | "protocol"> {
  readonly spec: NonNullable<GatewayObject["spec"]["servers"]>[number];
}

export interface Merged {
  readonly listeners: readonly Listener[]; // sorted by port, then by bind
  /** Servers that those before them leave no room for. */
  readonly conflicts: readonly { readonly server: ServerPlace; readonly message: string }[];
}

const http: ReadonlySet<Protocol> = new Set(["HTTP", "HTTP2", "GRPC", "GRPC-Web"]);

/** Of the proxy's bootstrap: its admin interface, readiness, statistics. */
const ownPorts: ReadonlySet<number> = new Set([15_000, 15_021, 15_090]);

/**
 * The servers of several Gateways, oldest first, by the port they come to, as Istio's MergeGateways does: plain HTTP goes together
 * with plain HTTP, TLS with TLS for other hosts, and what else meets on a port keeps the first.
 */
export function mergeServers(gateways: readonly GatewayObject[], portOf: (written: number) => number): Merged {
  const listeners = new Map<string, Listener>();
  const conflicts: { server: ServerPlace; message: string }[] = [];
  for (const object of gateways) {
    for (const [index, spec] of (object.spec.servers ?? []).entries()) {
      const server: ServerPlace = { object, index, spec, protocol: protocolFor(spec.port.protocol, undefined, 0) };
      const { bind = "" } = spec;
      const port = portOf(spec.port.number);
      if (ownPorts.has(port)) {
        conflicts.push({ server, message: `the gateway has port ${port} for itself: this server is left out` });
        continue;
      }
      const key = `${port} ${bind}`;
      const listener = listeners.get(key);
      if (!listener) listeners.set(key, { port, bind, servers: [server] });
      else {
        const message = conflictWith(listener.servers, server);
        if (message === undefined) listener.servers.push(server);
        else conflicts.push({ server, message });
      }
    }
  }
  const sorted = [...listeners.values()].sort((a, b) => a.port - b.port || (a.bind < b.bind ? -1 : 1));
  return { listeners: sorted, conflicts };
}

/** What a server speaks first: only servers of one kind can share a port. */
export function transportOf({
  protocol,
  spec,
}: Pick<ServerPlace, "protocol"> & { readonly spec: Pick<ServerPlace["spec"], "tls"> }): "HTTP" | "TLS" | "TCP" {
  if (http.has(protocol)) return "HTTP";
  return spec.tls ? "TLS" : "TCP";
}

function conflictWith(servers: readonly ServerPlace[], server: ServerPlace): string | undefined {
  const [first] = servers;
  if (!first) return undefined;
  const { namespace, name } = first.object.metadata;
  const where = `Gateway ${namespace}/${name} has the port first`;
  const transport = transportOf(server);
  if (transport !== transportOf(first)) return `${where}, with ${first.spec.port.protocol}: this server is left out`;
  if (transport === "HTTP") return undefined;
  if (transport === "TCP") return `${where}, and plain TCP cannot be shared: this server is left out`;
  const taken = new Set(servers.flatMap(({ spec }) => spec.hosts.map(withoutNamespace)));
  const twice = server.spec.hosts.map(withoutNamespace).find((host) => taken.has(host));
  return twice === undefined ? undefined : `another server of this port has the host ${twice}: this one is left out`;
}
