import { probePort } from "./names.ts";
import type { AppProbe } from "./probes.ts";

const typeUrl = (name: string) => `type.googleapis.com/${name}`;

/** Probes that ask the same thing share a cluster. */
function clusterName({ port, ask }: AppProbe): string {
  if (ask.kind === "http") return `app-probe-${ask.tls ? "https" : "http"}-${port}`;
  return ask.kind === "tcp" ? `app-probe-tcp-${port}` : `app-probe-grpc-${port}-${ask.service}`;
}

/** Answers from the cluster's health alone: 200 where the app's port is well, 503 where not. */
function answerFromHealth(probe: AppProbe): object {
  return {
    name: "envoy.filters.http.health_check",
    typed_config: {
      "@type": typeUrl("envoy.extensions.filters.http.health_check.v3.HealthCheck"),
      pass_through_mode: false,
      headers: [{ name: ":path", string_match: { exact: probe.path } }],
      cluster_min_healthy_percentages: { [clusterName(probe)]: { value: 100 } },
    },
  };
}

function routeToApp(probe: AppProbe): object[] {
  if (probe.ask.kind !== "http") return [];
  return [
    {
      match: { path: probe.path },
      route: {
        cluster: clusterName(probe),
        prefix_rewrite: probe.ask.path,
        timeout: `${probe.timeoutSeconds}s`,
      },
      // The kubelet follows a redirect to the same host, where nothing but probes is answered; without its target it counts as success.
      response_headers_to_remove: ["location"],
    },
  ];
}

/**
 * The listener that answers the kubelet for the app, or none where no probe was led to it.
 * https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/health_check_filter
 */
export function buildProbeListeners(probes: readonly AppProbe[], ipv6: boolean): object[] {
  if (probes.length === 0) return [];
  const at = (address: string) => ({ address: { socket_address: { address, port_value: probePort } } });
  return [
    {
      name: "app-probes",
      ...at("0.0.0.0"),
      ...(ipv6 ? { additional_addresses: [at("::")] } : {}),
      ignore_global_conn_limit: true, // a busy app is not a dead one
      bypass_overload_manager: true,
      filter_chains: [
        {
          filters: [
            {
              name: "envoy.filters.network.http_connection_manager",
              typed_config: {
                "@type": typeUrl("envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"),
                stat_prefix: "app-probes",
                common_http_protocol_options: { idle_timeout: "60s" },
                request_headers_timeout: "5s",
                server_header_transformation: "PASS_THROUGH",
                http_filters: [
                  ...probes.filter(({ ask }) => ask.kind !== "http").map(answerFromHealth),
                  {
                    name: "envoy.filters.http.router",
                    typed_config: {
                      "@type": typeUrl("envoy.extensions.filters.http.router.v3.Router"),
                      suppress_envoy_headers: true,
                    },
                  },
                ],
                route_config: {
                  name: "app-probes",
                  virtual_hosts: [{ name: "app-probes", domains: ["*"], routes: probes.flatMap(routeToApp) }],
                },
              },
            },
          ],
        },
      ],
    },
  ];
}

/** How Envoy itself looks at a port that the kubelet's HTTP cannot ask. A port that came back is noticed within a second. */
function healthCheck({ ask, timeoutSeconds }: AppProbe): object {
  if (ask.kind === "http") return {};
  const interval = `${ask.periodSeconds}s`;
  return {
    health_checks: [
      {
        timeout: `${timeoutSeconds}s`,
        interval,
        no_traffic_interval: interval, // the kubelet's questions are no traffic to Envoy; its default is a minute
        no_traffic_healthy_interval: interval,
        unhealthy_interval: "1s",
        unhealthy_edge_interval: "1s",
        healthy_threshold: 1, // counting is the kubelet's business
        unhealthy_threshold: 1,
        reuse_connection: false,
        ...(ask.kind === "tcp"
          ? { tcp_health_check: {} }
          : { grpc_health_check: ask.service === "" ? {} : { service_name: ask.service } }),
      },
    ],
  };
}

function protocol({ ask }: AppProbe): object {
  return {
    typed_extension_protocol_options: {
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
        "@type": typeUrl("envoy.extensions.upstreams.http.v3.HttpProtocolOptions"),
        // A connection for each probe, as the kubelet does: an app that closes an idle one has not failed.
        common_http_protocol_options: { max_requests_per_connection: 1 },
        explicit_http_config: ask.kind === "grpc" ? { http2_protocol_options: {} } : { http_protocol_options: {} },
      },
    },
  };
}

/** One check for two probes of the same thing: as often as the more frequent one, as patient as the more patient one. */
function closer(one: AppProbe | undefined, other: AppProbe): AppProbe {
  if (!one) return other;
  const timeoutSeconds = Math.max(one.timeoutSeconds, other.timeoutSeconds);
  if (one.ask.kind === "http" || other.ask.kind === "http") return { ...other, timeoutSeconds };
  const periodSeconds = Math.min(one.ask.periodSeconds, other.ask.periodSeconds);
  return { ...other, timeoutSeconds, ask: { ...other.ask, periodSeconds } };
}

/** As the kubelet: any certificate will do. */
const anyCertificate = {
  name: "envoy.transport_sockets.tls",
  typed_config: { "@type": typeUrl("envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext") },
};

/**
 * The clusters behind the probes, at `podIp` (a variable that the kubelet fills in). They connect from 127.0.0.6, by which the
 * interception rules know what comes from the sidecar for its own app.
 */
export function buildProbeClusters(probes: readonly AppProbe[], podIp: string): object[] {
  const byName = new Map<string, AppProbe>();
  for (const probe of probes) byName.set(clusterName(probe), closer(byName.get(clusterName(probe)), probe));
  return [...byName].map(([name, probe]) => ({
    name,
    type: "STATIC",
    connect_timeout: `${Math.min(probe.timeoutSeconds, 10)}s`,
    wait_for_warm_on_init: false, // the app starts after Envoy: its first answer must not be waited for
    common_lb_config: { healthy_panic_threshold: {} },
    load_assignment: {
      cluster_name: name,
      endpoints: [
        { lb_endpoints: [{ endpoint: { address: { socket_address: { address: podIp, port_value: probe.port } } } }] },
      ],
    },
    upstream_bind_config: {
      source_address: { address: "127.0.0.6", port_value: 0 },
      extra_source_addresses: [{ address: { address: "::6", port_value: 0 } }],
    },
    ...healthCheck(probe),
    ...protocol(probe),
    ...(probe.ask.kind === "http" && probe.ask.tls ? { transport_socket: anyCertificate } : {}),
  }));
}
