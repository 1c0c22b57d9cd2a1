import { schema } from "../../../generated/schemas/sidecar.ts";
import { codes } from "../codes.ts";
import { checkConnectionPool } from "../destination-rule/connection-pool.ts";
import { groups, istioKind } from "../kind.ts";
import { checkHost, checkPort, checkSelector, checkUnixPath, checkIp, isIp, isLabel, show } from "../names.ts";
import { isHttp, checkProtocol } from "../protocol.ts";
import { each, type Place } from "../report.ts";
import type { SidecarSpec } from "../types.ts";
import { checkDestination } from "../virtual-service/destination.ts";
import { checkEgressHosts } from "./egress-hosts.ts";
import { checkServerTls } from "./server-tls.ts";

type Ingress = NonNullable<SidecarSpec["ingress"]>[number];
type Egress = NonNullable<SidecarSpec["egress"]>[number];
type ListenerPort = NonNullable<Egress["port"]>;

/** What a workload may reach and be reached on: https://istio.io/latest/docs/reference/config/networking/sidecar/ */
export const sidecar = istioKind("Sidecar", groups.networking, schema, (spec, place, { namespace }) => {
  const { egress = [], ingress = [], outboundTrafficPolicy, inboundConnectionPool } = spec;
  if (egress.length === 0 && ingress.length === 0 && !outboundTrafficPolicy && !inboundConnectionPool)
    place.error(
      codes.incomplete,
      "configures nothing: set egress, ingress, outboundTrafficPolicy or inboundConnectionPool",
    );
  if (spec.workloadSelector) checkSelector(spec.workloadSelector.labels, place.at("workloadSelector"));
  checkIngress(ingress, place.at("ingress"));
  checkEgress(egress, namespace, place.at("egress"));
  checkConnectionPool(inboundConnectionPool, place.at("inboundConnectionPool"));
  checkOutbound(outboundTrafficPolicy, place.at("outboundTrafficPolicy"));
});

function checkIngress(listeners: readonly Ingress[], place: Place): void {
  const ports = new Set<number>();
  each(listeners, place, (listener, at) => {
    const { port, bind = "" } = listener;
    checkListenerPort(port, at.at("port"));
    checkPort(port.number ?? 0, at.at("port", "number"));
    if (bind !== "") checkIp(bind, at.at("bind"));
    if (listener.captureMode === "NONE" && !listener.defaultEndpoint)
      at.warn(
        codes.incomplete,
        "leads nowhere: with captureMode NONE nothing tells where the app is",
        "set defaultEndpoint",
      );
    if (ports.has(port.number ?? 0))
      at.at("port", "number").error(codes.duplicate, `the port ${port.number} stands twice`);
    ports.add(port.number ?? 0);
    if (listener.defaultEndpoint) checkDefaultEndpoint(listener.defaultEndpoint, at.at("defaultEndpoint"));
    checkServerTls(listener.tls, at.at("tls"));
    checkConnectionPool(listener.connectionPool, at.at("connectionPool"));
    if (listener.connectionPool?.http && !isHttp(port.protocol))
      at.at("connectionPool", "http").warn(codes.noEffect, "has no effect: the port's protocol is not HTTP");
  });
}

function checkListenerPort(port: ListenerPort, place: Place): void {
  if (port.targetPort) place.at("targetPort").error(codes.noEffect, "has no effect in a Sidecar");
  if (port.name && !isLabel(port.name)) place.at("name").error(codes.port, `"${show(port.name)}" is not a port name`);
  checkProtocol(port.protocol, place.at("protocol"));
}

/** `127.0.0.1:PORT`, `0.0.0.0:PORT`, `[::1]:PORT`, `[::]:PORT`, `:PORT` or `unix://PATH`. */
function checkDefaultEndpoint(endpoint: string, place: Place): void {
  if (endpoint.startsWith("unix://")) return checkUnixPath(endpoint.slice("unix://".length), place);
  const match = /^(|127\.0\.0\.1|0\.0\.0\.0|\[::1\]|\[::\]):([0-9]{1,5})$/.exec(endpoint);
  if (!match)
    return place.error(
      codes.address,
      `"${show(endpoint)}" is not an endpoint of the workload`,
      "write 127.0.0.1:8080 or unix:///path",
    );
  checkPort(Number(match[2]), place);
}

function checkEgress(listeners: readonly Egress[], namespace: string, place: Place): void {
  const bound = new Set<string>();
  each(listeners, place, (listener, at) => {
    const { port, bind = "", captureMode = "DEFAULT" } = listener;
    checkEgressHosts(listener.hosts, namespace, at.at("hosts"));
    if (!port) {
      if (at.path.at(-1) !== listeners.length - 1)
        at.error(codes.conflict, "the listener without a port must be the last");
      if (bind !== "" && !isIp(bind))
        at.at("bind").error(
          codes.address,
          `"${show(bind)}" is not an IP address`,
          "a socket needs a port: { number: 0, protocol: HTTP, ... }",
        );
      return;
    }
    checkListenerPort(port, at.at("port"));
    const key = port.number ? String(port.number) : bind;
    if (bound.has(key)) at.at("port").error(codes.duplicate, `"${show(key)}" stands twice`);
    bound.add(key);
    if (port.number) {
      checkPort(port.number, at.at("port", "number"));
      if (bind !== "" && !isIp(bind)) at.at("bind").error(codes.address, `"${show(bind)}" is not an IP address`);
      return;
    }
    if (!bind.startsWith("unix://")) at.at("port").error(codes.port, "port 0 needs a bind address unix://PATH");
    else checkUnixPath(bind.slice("unix://".length), at.at("bind"));
    if (captureMode === "IPTABLES")
      at.at("captureMode").error(codes.conflict, "a Unix socket cannot be captured by iptables");
  });
}

function checkOutbound(policy: SidecarSpec["outboundTrafficPolicy"], place: Place): void {
  const proxy = policy?.egressProxy;
  if (!proxy) return;
  const at = place.at("egressProxy");
  if (policy.mode !== "ALLOW_ANY") return at.error(codes.conflict, "an egress proxy is only for mode ALLOW_ANY");
  checkDestination(proxy, at);
  if (!proxy.port) at.error(codes.incomplete, "an egress proxy needs a port");
  checkHost(proxy.host, at.at("host"));
}
