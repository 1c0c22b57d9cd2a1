import { memo, memoNamed } from "../lib/index.ts";
import { protocolFor } from "./protocol.ts";
import type { EgressSpec } from "./sidecar.ts";
import type { EgressListener, Service, VisibleService } from "./types.ts";

const socket = "unix://";

/** Where an egress listener of a Sidecar listens: the same object as long as the Sidecar is the same. */
export const egressListener = memo(({ port, bind = "", captureMode = "DEFAULT" }: EgressSpec): EgressListener => {
  const { number = 0, name = "", protocol = "" } = port ?? {};
  const isProxy = protocol.toUpperCase() === "HTTP_PROXY";
  return Object.freeze({
    ...(port && {
      port: Object.freeze({ name, number, protocol: protocolFor(name, protocol || undefined, number) }),
    }),
    allPorts: port !== undefined && (number === 0 || isProxy),
    bind,
    bound: captureMode === "NONE" || bind.startsWith(socket),
  });
});

/** Whether there is nothing to it but hosts: then it is as if there were no listener, and all is inferred from the services. */
export function isPlain({ port, bind, bound }: EgressListener): boolean {
  return port === undefined && bind === "" && !bound;
}

const wholes = new WeakMap<Service, Service>();
const wholeSights = new WeakMap<VisibleService, VisibleService>();

/** The service that one with some of its ports was made of: that is the one that has endpoints. */
export function wholeService(service: Service): Service {
  return wholes.get(service) ?? service;
}

/** As `wholeService`, of a service as a client sees it. */
export function wholeVisible(visible: VisibleService): VisibleService {
  return wholeSights.get(visible) ?? visible;
}

/** A service with these of its ports only, as listeners on a port see it; undefined: it has none of them. The same object for the same ports. */
export function onPorts(visible: VisibleService, numbers: ReadonlySet<number>): VisibleService | undefined {
  const kept = visible.service.ports.filter(({ number }) => numbers.has(number)).map(({ number }) => number);
  if (kept.length === 0) return undefined;
  return kept.length === visible.service.ports.length ? visible : narrowed(visible, kept.join(" "));
}

const narrowed = memoNamed((visible: VisibleService, ports: string): VisibleService => {
  const part = Object.freeze({ ...visible, service: narrowedService(visible.service, ports) });
  wholeSights.set(part, visible);
  return part;
});

const narrowedService = memoNamed((service: Service, ports: string): Service => {
  const numbers = new Set(ports.split(" ").map(Number));
  const part = Object.freeze({ ...service, ports: service.ports.filter(({ number }) => numbers.has(number)) });
  wholes.set(part, service);
  return part;
});
