import type { EgressListener, GatewayListener, GatewayServer, Protocol } from "../mesh/index.ts";

/** The names of https://istio.io/latest/docs/ops/diagnostic-tools/proxy-cmd/: EnvoyFilter, Kiali and people's habits rely on them. */

/** `outbound|80|v1|reviews.default.svc.cluster.local`; no subset: `outbound|80||…` */
export function outboundClusterName(hostname: string, port: number, subset = ""): string {
  return `outbound|${port}|${subset}|${hostname}`;
}

/** `inbound|8080||`: the port is the workload's. */
export function inboundClusterName(port: number): string {
  return `inbound|${port}||`;
}

/** Whether a cluster leads to the workload's own app. */
export function isInboundCluster(name: string): boolean {
  return name.startsWith("inbound|");
}

/** `outbound_.80_.v1_.reviews.default.svc.cluster.local`: the SNI that a sidecar sends under ISTIO_MUTUAL. */
export function outboundSni(hostname: string, port: number, subset = ""): string {
  return `outbound_.${port}_.${subset}_.${hostname}`;
}

export const passthroughCluster = "PassthroughCluster";
export const blackHoleCluster = "BlackHoleCluster";
export const inboundPassthroughCluster = "InboundPassthroughCluster";
export const virtualOutbound = "virtualOutbound";
export const virtualInbound = "virtualInbound";

/** The RDS name of a port that HTTP services share (`80`), or of one service's auto-detected port (`host:80`). */
export function routeName(port: number, hostname?: string): string {
  return hostname === undefined ? String(port) : `${hostname}:${port}`;
}

/**
 * The RDS name of an egress listener of a Sidecar: its port; `http_proxy.15080` of an HTTP proxy, `unix:__run_a.sock` of a socket, which have
 * services on all of their ports. Istio names a socket as it is written; a slash would end the name for virtual hosts.
 */
export function egressRouteName({ port, bind, allPorts }: EgressListener): string {
  if (port?.number === 0) return bind.replaceAll("/", "_");
  return allPorts ? `http_proxy.${port?.number ?? 0}` : routeName(port?.number ?? 0);
}

/** Whether the virtual hosts of a route configuration are told apart by the port in `Host` too. No host name has such letters. */
export function isForAllPorts(routeName: string): boolean {
  return routeName.startsWith("unix:__") || routeName.startsWith("http_proxy.");
}

/** `http.80`: the RDS name of plain HTTP on a port of a gateway; `https.443.name.gateway.namespace` that of one TLS server of it. */
export function gatewayRouteName({ port, bind }: GatewayListener, server?: GatewayServer): string {
  const on = bind === "" ? "" : `.${bind.replaceAll("/", "_")}`; // a slash would end the name for virtual hosts
  if (!server) return `http.${port}${on}`;
  const { namespace, name } = server.object.metadata;
  return `https.${port}.${server.portName}.${name}.${namespace}${on}`;
}

/** Whether what a route configuration of a gateway is for has come over TLS. */
export function isOverTls(routeName: string): boolean {
  return routeName.startsWith("https.");
}

/** The SDS names of the workload's own certificate and of the roots it trusts. */
export const workloadSecret = "default";
export const rootSecret = "ROOTCA";

const http: ReadonlySet<Protocol> = new Set(["HTTP", "HTTP2", "GRPC", "GRPC-Web"]);

/** Whether a declared protocol is routed as HTTP. */
export function isHttp(protocol: Protocol): boolean {
  return http.has(protocol);
}

/** Whether a declared protocol is gRPC, in a browser's form too. */
export function isGrpc(protocol: Protocol): boolean {
  return protocol === "GRPC" || protocol === "GRPC-Web";
}

/** Whether a declared protocol means HTTP/2 to the upstream. */
export function isHttp2(protocol: Protocol): boolean {
  return protocol === "HTTP2" || isGrpc(protocol);
}
