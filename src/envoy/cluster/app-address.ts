import type { InboundPort } from "../../mesh/index.ts";
import type { SidecarSpec } from "../../model/index.ts";

type Ingress = NonNullable<SidecarSpec["ingress"]>[number];

/** Where the app behind an inbound port listens, where a Sidecar says so. */
export interface AppAddress {
  readonly address: string; // IP, or unix:// path
  readonly port: number;
  /** Whether iptables would send a connection there back to the sidecar, unless it comes from the address that is let through. */
  readonly viaBind: boolean;
}

/** The Sidecar's listener for a port, which says where the app is and how to connect to it. */
export function ingressFor(sidecar: SidecarSpec, { port }: InboundPort): Ingress | undefined {
  return sidecar.ingress?.find((listener) => listener.port.number === port);
}

/**
 * `defaultEndpoint`: `127.0.0.1:PORT` and `[::1]:PORT` are the loopback, `0.0.0.0:PORT` and `[::]:PORT` the workload's own
 * address, `unix://` a socket. https://istio.io/latest/docs/reference/config/networking/sidecar/#IstioIngressListener
 */
export function appAddress(ingress: Ingress | undefined, addresses: readonly string[]): AppAddress | undefined {
  const text = ingress?.defaultEndpoint ?? "";
  if (text.startsWith("unix://")) return { address: text, port: 0, viaBind: false };
  const colon = text.lastIndexOf(":");
  const host = text.slice(0, Math.max(colon, 0)).replace(/^\[|\]$/g, "");
  const port = Number(text.slice(colon + 1));
  if (colon < 0 || !Number.isInteger(port) || port < 1 || port > 65_535) return undefined;
  if (host === "127.0.0.1" || host === "::1") return { address: host, port, viaBind: false };
  const own = addresses.find((address) => address.includes(":") === host.includes(":"));
  return own === undefined ? undefined : { address: own, port, viaBind: true };
}
