import type { Any } from "../../../generated/google/protobuf/any.ts";
import type { HttpProtocolOptions as CommonOptions } from "../../../generated/envoy/config/core/v3/protocol.ts";
import { HttpProtocolOptions } from "../../../generated/envoy/extensions/upstreams/http/v3/http_protocol_options.ts";
import type { Protocol } from "../../mesh/index.ts";
import { durationFrom } from "../duration.ts";
import { isHttp2 } from "../names.ts";
import { packAny } from "../resource.ts";
import type { ConnectionPool } from "./policy.ts";

const extension = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

/** Which HTTP version goes to the upstream: a fixed one, or the one the downstream came with. */
export type HttpVersion = "HTTP1" | "HTTP2" | "DOWNSTREAM";

/** An upgrade beats useClientProtocol, which beats the declared protocol; an auto-detected port keeps the downstream's. */
export function httpVersionFor(protocol: Protocol, http: ConnectionPool["http"]): HttpVersion {
  if (http?.h2UpgradePolicy === "UPGRADE") return "HTTP2";
  if (http?.useClientProtocol) return "DOWNSTREAM";
  if (isHttp2(protocol)) return "HTTP2";
  return protocol === "AUTO" ? "DOWNSTREAM" : "HTTP1";
}

/** Takes name and checked name of the server from the Host header where a TLS policy names none. */
export interface NameFromHost {
  readonly autoSni: boolean;
  readonly autoSanValidation: boolean;
}

/**
 * The upstream's HTTP options; nothing where all is Envoy's default.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/extensions/upstreams/http/v3/http_protocol_options.proto
 */
export function buildProtocolOptions(
  version: HttpVersion,
  pool: ConnectionPool | undefined,
  names: NameFromHost = { autoSni: false, autoSanValidation: false },
): Record<string, Any> {
  const common = buildCommon(pool);
  const fromHost = names.autoSni || names.autoSanValidation;
  if (version === "HTTP1" && !common && !fromHost) return {};
  const options = HttpProtocolOptions.fromPartial({
    ...(common && { commonHttpProtocolOptions: common }),
    ...(fromHost && { upstreamHttpProtocolOptions: { ...names } }),
    ...buildVersion(version, pool?.http?.maxConcurrentStreams),
  });
  return { [extension]: packAny(HttpProtocolOptions, options) };
}

function buildVersion(version: HttpVersion, streams = 0) {
  const http2ProtocolOptions = streams > 0 ? { maxConcurrentStreams: streams } : {};
  switch (version) {
    case "HTTP1":
      return { explicitHttpConfig: { httpProtocolOptions: {} } };
    case "HTTP2":
      return { explicitHttpConfig: { http2ProtocolOptions } };
    case "DOWNSTREAM":
      return { useDownstreamProtocolConfig: { httpProtocolOptions: {}, http2ProtocolOptions } };
  }
}

function buildCommon(pool: ConnectionPool | undefined): Partial<CommonOptions> | undefined {
  const idle = pool?.http?.idleTimeout ?? pool?.tcp?.idleTimeout;
  const longest = pool?.tcp?.maxConnectionDuration;
  const requests = pool?.http?.maxRequestsPerConnection ?? 0;
  if (idle === undefined && longest === undefined && requests <= 0) return undefined;
  return {
    ...(idle !== undefined && { idleTimeout: durationFrom(idle) }),
    ...(longest !== undefined && { maxConnectionDuration: durationFrom(longest) }),
    ...(requests > 0 && { maxRequestsPerConnection: requests }),
  };
}
