import type { Parsed, Problem } from "../lib/index.ts";
import { buildNode, nodeProblems, type WorkloadNode } from "./node-identity.ts";
import { invalid, ipVersion, isDnsName, isPort } from "./problems.ts";
import { buildAdminCluster, buildAdminSocket, buildStaticListeners } from "./static-listeners.ts";
import { buildStatsConfig } from "./statistics.ts";
import { buildXdsCluster, type ControlPlaneEndpoint, type ProxyFiles } from "./xds-cluster.ts";

/** What a stock Envoy must be told before it can ask the control plane for the rest. */
export interface BootstrapOptions {
  readonly node: WorkloadNode;
  readonly controlPlane: ControlPlaneEndpoint;
  readonly files: ProxyFiles;
  /** Suffix of service names; default `cluster.local`. */
  readonly domain?: string;
  /** xDS flavour; default DELTA_GRPC. */
  readonly protocol?: "DELTA_GRPC" | "GRPC";
  /** Switches of Envoy's own, over ours: https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/operations/runtime */
  readonly runtime?: Readonly<Record<string, string>>;
  readonly ports?: Partial<typeof defaultProxyPorts>;
  /** Path of a unix socket that shows the whole admin interface to the owner of its directory, once the proxy is live. */
  readonly adminSocket?: string;
}

/** Istio's ports: https://istio.io/latest/docs/ops/deployment/application-requirements/#ports-used-by-istio */
const defaultProxyPorts = { admin: 15_000, readiness: 15_021, prometheus: 15_090 };

/** An Envoy bootstrap as plain JSON. */
export type Bootstrap = Readonly<Record<string, unknown>>;

/** What fits into a unix socket's address. */
const maxSocketPath = 107;

function optionProblems({ controlPlane, files, ports, adminSocket }: BootstrapOptions): Problem[] {
  const problems: Problem[] = [];
  if (!ipVersion(controlPlane.address) && !isDnsName(controlPlane.address)) {
    problems.push(invalid("controlPlane.address", "neither an IP address nor a DNS name"));
  }
  if (!isPort(controlPlane.port)) problems.push(invalid("controlPlane.port", "not a port"));
  if (!isDnsName(controlPlane.serverName)) problems.push(invalid("controlPlane.serverName", "not a DNS name"));
  for (const field of ["caFile", "rootSecretFile", "tokenFile", "tokenSecretFile"] as const) {
    if (!files[field].startsWith("/")) {
      problems.push(invalid(`files.${field}`, "not an absolute path", "Envoy watches its directory"));
    }
  }
  if (adminSocket !== undefined && !(adminSocket.startsWith("/") && adminSocket.length <= maxSocketPath)) {
    problems.push(invalid("adminSocket", `not an absolute path of at most ${maxSocketPath} bytes`));
  }
  for (const [field, port] of Object.entries(ports ?? {})) {
    if (!isPort(port)) problems.push(invalid(`ports.${field}`, "not a port"));
  }
  return problems;
}

/** A bootstrap's parts, checked by whoever calls. */
export interface BootstrapParts extends Pick<
  BootstrapOptions,
  "controlPlane" | "files" | "protocol" | "ports" | "adminSocket" | "runtime"
> {
  readonly node: object;
  readonly ipv6: boolean;
  /** Further listeners that need no control plane. */
  readonly listeners?: readonly object[];
}

/**
 * The bootstrap of a sidecar; the same options give the same JSON. It holds no secret: the token is in a file of its own.
 * https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/bootstrap/v3/bootstrap.proto
 */
export function buildBootstrap(options: BootstrapOptions): Parsed<Bootstrap> {
  const problems = [...nodeProblems(options.node), ...optionProblems(options)];
  if (problems.length > 0) return { problems };
  const ipv6 = options.node.addresses.some((address) => ipVersion(address) === 6);
  const node = buildNode(options.node, options.domain ?? "cluster.local");
  return { value: bootstrapOf({ ...options, node, ipv6 }), problems };
}

/** Puts a bootstrap together from parts that are known to be good. */
export function bootstrapOf(options: BootstrapParts): Bootstrap {
  const ports = { ...defaultProxyPorts, ...options.ports };
  // Wait for the first answer for ever: to go on without it would be to go on without policy.
  const ads = { ads: {}, resource_api_version: "V3", initial_fetch_timeout: "0s" };
  return {
    node: options.node,
    admin: { address: { socket_address: { address: "127.0.0.1", port_value: ports.admin } } },
    dynamic_resources: {
      ads_config: {
        api_type: options.protocol ?? "DELTA_GRPC",
        transport_api_version: "V3",
        set_node_on_first_message_only: true,
        grpc_services: [
          {
            envoy_grpc: {
              cluster_name: "xds-grpc",
              // A control plane that comes back is found within seconds (Envoy's own limit is 30), by no more than a jittered trickle.
              retry_policy: { retry_back_off: { base_interval: "0.5s", max_interval: "5s" } },
            },
          },
        ],
      },
      cds_config: ads,
      lds_config: ads,
    },
    static_resources: {
      clusters: [buildXdsCluster(options.controlPlane, options.files), buildAdminCluster(ports.admin)],
      listeners: [
        ...buildStaticListeners(ports, options.ipv6),
        ...(options.adminSocket === undefined ? [] : [buildAdminSocket(options.adminSocket)]),
        ...(options.listeners ?? []),
      ],
    },
    stats_config: buildStatsConfig(),
    // Statistics of a cluster come to be when it is first used: most sidecars know many services and call few.
    deferred_stat_options: { enable_deferred_creation_stats: true },
    layered_runtime: {
      layers: [
        // Envoy refuses a regex of more than 100 instructions by default, which is a few alternatives long.
        { name: "heddle", static_layer: { re2: { max_program_size: { error_level: 32_768 } } } },
        ...(options.runtime ? [{ name: "proxy-config", static_layer: layerOf(options.runtime) }] : []),
        { name: "admin", admin_layer: {} },
      ],
    },
    overload_manager: {
      resource_monitors: [
        {
          name: "envoy.resource_monitors.global_downstream_max_connections",
          typed_config: {
            "@type":
              "type.googleapis.com/envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig",
            max_active_downstream_connections: 50_000,
          },
        },
      ],
    },
  };
}

/** Numbers and truths as such: Envoy reads no others from a text. */
function layerOf(values: Readonly<Record<string, string>>): Readonly<Record<string, unknown>> {
  const typed = (text: string): unknown =>
    /^(?:true|false|-?\d{1,15}(?:\.\d{1,6})?)$/.test(text)
      ? (JSON.parse(text.replace(/^(-?)0+(?=\d)/, "$1")) as unknown)
      : text;
  return Object.fromEntries(Object.entries(values).map(([name, text]) => [name, typed(text)]));
}
