/**
 * Istio's cluster names hold dots and bars, so Envoy's own tag rules would cut them in the middle: a name ends where a word
 * begins that Envoy itself wrote. Envoy removes capture group 1 from the statistic's name and keeps group 2 as the value.
 */
const clusterTag =
  "^cluster\\.((.+?);?\\.)(?:assignment_|bind_errors|circuit_breakers|client_ssl|default|external|http[123]|init_fetch|internal|lb_|" +
  "max_host_weight|membership_|original_dst|outlier_detection|retry_or_shadow|ssl|tlsMode-|update_|upstream_|version|warming_|zone)";
const connectionManagerTag =
  "^http\\.((.+?);?\\.)(?:downstream_|rq_|no_|passthrough_|rds|vhds|tracing|user_agent|cors|fault|rbac|jwt_authn|ext_authz|on_demand|rs_)";
const listenerTag = "^listener\\.((.+?)\\.)(?:downstream_|http|ssl|no_|extension_|connections_|worker_|admin)";
const tcpTag = "^tcp\\.((.+?);?\\.)(?:downstream_|upstream_|idle_|max_|early_|on_demand_|outstanding_|access_)";

/** Tags by Envoy's own rule, named so that they are in force at all when the rest is not. */
const envoysOwn = [
  "envoy.response_code",
  "envoy.response_code_class",
  "envoy.fault_downstream_cluster",
  "envoy.ssl_cipher",
  "envoy.ssl_curve",
  "envoy.ssl_version",
  "envoy.rds_route_config",
  "envoy.worker_id",
];

/** Which statistics exist and how their names are split: https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/metrics/v3/stats.proto */
export function buildStatsConfig(): object {
  return {
    use_all_default_tags: false,
    stats_tags: [
      { tag_name: "cluster_name", regex: clusterTag },
      { tag_name: "http_conn_manager_prefix", regex: connectionManagerTag },
      { tag_name: "listener_address", regex: listenerTag },
      { tag_name: "tcp_prefix", regex: tcpTag },
      ...envoysOwn.map((tag_name) => ({ tag_name })),
    ],
    stats_matcher: {
      // Statistics per worker, per certificate and per upstream scheme grow with workers or names and answer nobody's question.
      exclusion_list: {
        patterns: [
          { safe_regex: { regex: "^listener\\..*\\.worker_[0-9]+\\..*" } },
          { safe_regex: { regex: "^(cluster|listener)\\..*\\.ssl\\.(ciphers|curves|sigalgs|certificate)\\..*" } },
          // Of each cluster that is merely known, what no setting of the mesh can move: load balancer subsets, zone-aware routing, the
          // breakers of high priority, OCSP. A third of what is there before the first call: 3 MB at 1,000 services.
          ...[".lb_subsets_", ".lb_zone_", ".circuit_breakers.high.", ".ssl.ocsp_staple_"].map((contains) => ({
            contains,
          })),
          { suffix: ".update_duration" }, // a histogram: how long it took to take in endpoints
          { suffix: ".upstream_rq_headers_size" },
          { suffix: ".upstream_rq_headers_count" },
          { suffix: ".upstream_rs_headers_count" },
        ],
      },
    },
  };
}
