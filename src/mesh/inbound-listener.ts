import { memo } from "../lib/index.ts";
import { protocolFor } from "./protocol.ts";
import type { SidecarObject } from "./sidecar.ts";
import type { InboundPort, ServicePort } from "./types.ts";

type Listener = NonNullable<SidecarObject["spec"]["ingress"]>[number];
type Served = Omit<InboundPort, "mtls">;

/**
 * The ports that a Sidecar's ingress listeners name, in place of those that services name: the others are passed through as they come.
 * As on Istio a workload without any service has none; a listener that no service leads to stands under the first of its services.
 * https://istio.io/latest/docs/reference/config/networking/sidecar/#IstioIngressListener
 */
export function listenerPorts({ spec }: SidecarObject, served: readonly Served[]): readonly Served[] {
  const [first] = served;
  if (!first) return [];
  const ports = (spec.ingress ?? []).map((listener): Served => {
    const { number = 0, protocol = "" } = listener.port;
    const servicePort = servicePortOf(listener);
    const known = served.find(({ port }) => port === number);
    if (known) return protocol === "" ? known : { ...known, protocol: servicePort.protocol };
    return { port: number, protocol: servicePort.protocol, service: first.service, servicePort };
  });
  return ports.filter(({ protocol }) => protocol !== "UDP").sort((a, b) => a.port - b.port);
}

/** The same object as long as the Sidecar is the same, so that replicas and snapshots share what is made of it. */
const servicePortOf = memo(({ port }: Listener): ServicePort => {
  const { number = 0, name = "", protocol = "" } = port;
  return Object.freeze({
    name,
    number,
    protocol: protocolFor(name, protocol || undefined, number),
    targetPort: number,
  });
});
