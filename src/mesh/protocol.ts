import type { Protocol } from "./types.ts";

const named: Readonly<Record<string, Protocol>> = {
  http: "HTTP",
  http_proxy: "HTTP",
  http2: "HTTP2",
  grpc: "GRPC",
  https: "HTTPS",
  tls: "TLS",
  tcp: "TCP",
  mongo: "MONGO",
  redis: "REDIS",
  mysql: "MYSQL",
  udp: "UDP",
};

/** Kubernetes' own values of appProtocol: https://kubernetes.io/docs/concepts/services-networking/service/#application-protocol */
const kubernetesNames: Readonly<Record<string, Protocol>> = {
  "kubernetes.io/h2c": "HTTP2",
  "kubernetes.io/ws": "HTTP",
  "kubernetes.io/wss": "HTTPS",
};

/** Ports whose servers speak first: waiting for the client's bytes would stall them. */
const serverFirst = new Set([25, 53, 3306, 27017]);

/**
 * A port's protocol by its appProtocol, else by its name up to the first `-`; AUTO where neither says.
 * https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/
 */
export function protocolFor(portName: string, appProtocol: string | undefined, number: number): Protocol {
  const name = (appProtocol ?? portName).toLowerCase();
  if (appProtocol !== undefined && Object.hasOwn(kubernetesNames, name)) return kubernetesNames[name] ?? "AUTO";
  if (name.startsWith("grpc-web")) return "GRPC-Web";
  const word = name.split("-", 1)[0] ?? "";
  if (Object.hasOwn(named, word)) return named[word] ?? "AUTO";
  return serverFirst.has(number) ? "TCP" : "AUTO";
}
