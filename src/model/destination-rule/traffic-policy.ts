import { codes } from "../codes.ts";
import { checkHost, checkPort, isIp } from "../names.ts";
import { checkPercent } from "../percent.ts";
import { each, type Place } from "../report.ts";
import type { TrafficPolicy } from "../types.ts";
import { checkClientTls } from "./client-tls.ts";
import { checkConnectionPool } from "./connection-pool.ts";
import { checkLoadBalancer } from "./load-balancer.ts";
import { checkOutlier } from "./outlier.ts";

type PortPolicy = NonNullable<TrafficPolicy["portLevelSettings"]>[number];

/**
 * https://istio.io/latest/docs/reference/config/networking/destination-rule/#TrafficPolicy. `above` is the rule's own policy, of which a
 * subset has what its policy leaves out.
 */
export function checkTrafficPolicy(policy: TrafficPolicy | undefined, place: Place, above?: TrafficPolicy): void {
  if (!policy) return;
  if (Object.keys(policy).length === 0) return place.error(codes.incomplete, "configures nothing");
  checkParts(policy, place);
  checkFailover({ ...above, ...policy }, place);
  if (policy.tunnel && policy.proxyProtocol)
    place.at("tunnel").error(codes.conflict, "only one of tunnel and proxyProtocol may be set");
  checkTunnel(policy.tunnel, place.at("tunnel"));
  checkPercent(policy.retryBudget?.percent, place.at("retryBudget", "percent"));
  const ports = new Set<number>();
  each(policy.portLevelSettings, place.at("portLevelSettings"), (settings, at) => {
    checkPortPolicy(settings, at);
    const number = settings.port?.number;
    if (number === undefined) return;
    if (ports.has(number)) at.at("port").error(codes.duplicate, `the port ${number} stands twice`);
    ports.add(number);
  });
}

function checkPortPolicy(settings: PortPolicy, place: Place): void {
  const { port, ...parts } = settings;
  if (port?.number === undefined) place.error(codes.incomplete, "needs port.number");
  else checkPort(port.number, place.at("port", "number"));
  if (Object.keys(parts).length === 0) place.error(codes.incomplete, "configures nothing");
  checkParts(parts, place);
  checkFailover(parts, place);
}

type Parts = Pick<TrafficPolicy, "connectionPool" | "outlierDetection" | "loadBalancer" | "tls">;

function checkParts(parts: Parts, place: Place): void {
  checkConnectionPool(parts.connectionPool, place.at("connectionPool"));
  checkOutlier(parts.outlierDetection, place.at("outlierDetection"));
  checkLoadBalancer(parts.loadBalancer, place.at("loadBalancer"));
  checkClientTls(parts.tls, place.at("tls"));
}

/** https://istio.io/latest/docs/tasks/traffic-management/locality-load-balancing/failover/ */
function checkFailover({ loadBalancer, outlierDetection }: Parts, place: Place): void {
  const setting = loadBalancer?.localityLbSetting;
  if (!setting || outlierDetection || setting.enabled === false) return;
  for (const field of ["failover", "failoverPriority"] as const)
    if (setting[field]?.length)
      place
        .at("loadBalancer", "localityLbSetting", field)
        .warn(codes.noEffect, "as on Istio, nothing fails over without outlierDetection", "add outlierDetection");
}

function checkTunnel(tunnel: TrafficPolicy["tunnel"], place: Place): void {
  if (!tunnel) return;
  if (tunnel.protocol && !["CONNECT", "POST"].includes(tunnel.protocol))
    place.at("protocol").error(codes.value, "must be CONNECT or POST");
  if (!isIp(tunnel.targetHost)) checkHost(tunnel.targetHost, place.at("targetHost"));
  checkPort(tunnel.targetPort, place.at("targetPort"));
}
