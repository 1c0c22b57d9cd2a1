import { codes } from "../codes.ts";
import { checkDuration } from "../duration.ts";
import type { Place } from "../report.ts";
import type { TrafficPolicy } from "../types.ts";

type ConnectionPool = NonNullable<TrafficPolicy["connectionPool"]>;

/** https://istio.io/latest/docs/reference/config/networking/destination-rule/#ConnectionPoolSettings */
export function checkConnectionPool(pool: ConnectionPool | undefined, place: Place): void {
  if (!pool) return;
  if (!pool.http && !pool.tcp) place.error(codes.incomplete, "needs http or tcp");
  const { http, tcp } = pool;
  const counts = [
    "http1MaxPendingRequests",
    "http2MaxRequests",
    "maxRequestsPerConnection",
    "maxRetries",
    "maxConcurrentStreams",
  ] as const;
  for (const field of counts) checkCount(http?.[field], place.at("http", field));
  checkDuration(http?.idleTimeout, place.at("http", "idleTimeout"), { zero: true });
  if (http?.useClientProtocol && http.h2UpgradePolicy === "UPGRADE")
    place.at("http", "useClientProtocol").error(codes.conflict, "must not be true when h2UpgradePolicy is UPGRADE");
  checkCount(tcp?.maxConnections, place.at("tcp", "maxConnections"));
  checkDuration(tcp?.connectTimeout, place.at("tcp", "connectTimeout"));
  checkDuration(tcp?.maxConnectionDuration, place.at("tcp", "maxConnectionDuration"));
  checkDuration(tcp?.idleTimeout, place.at("tcp", "idleTimeout"), { zero: true });
  checkDuration(tcp?.tcpKeepalive?.time, place.at("tcp", "tcpKeepalive", "time"));
  checkDuration(tcp?.tcpKeepalive?.interval, place.at("tcp", "tcpKeepalive", "interval"));
}

function checkCount(count: number | undefined, place: Place): void {
  if (count !== undefined && (count < 0 || count > 2 ** 31 - 1))
    place.error(codes.outOfRange, `${count} is not between 0 and 2147483647`);
}
