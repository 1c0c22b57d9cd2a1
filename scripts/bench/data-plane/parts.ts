import { extension, textOf, type Fields, type Json } from "./json.ts";

/** Something our configuration has and the smallest one lacks, or may have: how a sidecar looks without it, or with it. */
export interface Part {
  readonly name: string;
  readonly change: (bootstrap: Fields) => Fields;
}

/** All messages with this field get other fields in its place. */
function replaced(field: string, by: (content: Json, message: Fields) => Fields): Part["change"] {
  const visit = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(visit);
    if (typeof value !== "object" || value === null) return value;
    return edited(value);
  };
  const edited = (message: Fields): Fields => {
    const { [field]: content, ...rest } = message;
    const visited = Object.fromEntries(Object.entries(rest).map(([name, part]) => [name, visit(part)]));
    return content === undefined ? visited : { ...visited, ...by(visit(content), message) };
  };
  return edited;
}

const without = (field: string) => replaced(field, () => ({}));

function withoutFilters(...names: string[]): Part["change"] {
  return replaced("http_filters", (filters) => ({
    http_filters: (filters as Fields[]).filter(({ name }) => !names.includes(textOf(name))),
  }));
}

function all(...changes: Part["change"][]): Part["change"] {
  return (bootstrap) => changes.reduce((changed, change) => change(changed), bootstrap);
}

/** The app at an address that is known, instead of wherever the caller went. */
function appByAddress(bootstrap: Fields): Fields {
  const resources = bootstrap["static_resources"] as Fields;
  const clusters = (resources["clusters"] as Fields[]).map((cluster): Fields => {
    const [, port] = /^inbound\|(\d+)\|/.exec(textOf(cluster["name"])) ?? [];
    if (port === undefined) return cluster;
    const { lb_policy: _lb, upstream_bind_config: _bind, ...rest } = cluster;
    const endpoint = { address: { socket_address: { address: "127.0.0.1", port_value: Number(port) } } };
    const load_assignment: Fields = { cluster_name: "app", endpoints: [{ lb_endpoints: [{ endpoint }] }] };
    return { ...rest, type: "STATIC", load_assignment };
  });
  return { ...bootstrap, static_resources: { ...resources, clusters } };
}

const accessLog = extension("envoy.access_loggers.file", "extensions.access_loggers.file.v3.FileAccessLog", {
  path: "/dev/null",
});

/** Nothing left out. */
export const whole: Part = { name: "ours, replayed", change: (bootstrap) => bootstrap };

/** The smallest configuration leaves Envoy's timers on each request as they are: 5 minutes idle, 15 s in all. Ours have none. */
export const timersOff: Part = {
  name: "static, without timers",
  change: all(
    replaced("stat_prefix", (prefix) => ({ stat_prefix: prefix, stream_idle_timeout: "0s" })),
    replaced("route", (route) => ({ route: { ...(route as Fields), timeout: "0s" } })),
  ),
};

/** Everything that might cost something, one at a time. */
export const parts: readonly Part[] = [
  { name: "cors", change: withoutFilters("envoy.filters.http.cors") },
  { name: "fault", change: withoutFilters("envoy.filters.http.fault") },
  { name: "retry policy", change: without("retry_policy") },
  { name: "attempt count", change: without("include_request_attempt_count") },
  {
    name: "client certificate header",
    change: all(without("forward_client_cert_details"), without("set_current_client_cert_details")),
  },
  { name: "path normalization", change: without("normalize_path") },
  { name: "underscore refusal", change: without("common_http_protocol_options") },
  {
    name: "upgrades, 100-continue, HTTP/1.0",
    change: all(without("upgrade_configs"), without("proxy_100_continue"), without("http_protocol_options")),
  },
  {
    name: "zero timeouts",
    change: all(without("stream_idle_timeout"), without("max_stream_duration"), without("timeout")),
  },
  { name: "circuit breaker gauges", change: without("circuit_breakers") },
  {
    name: "least request",
    change: replaced("lb_policy", (policy) => (policy === "LEAST_REQUEST" ? {} : { lb_policy: policy })),
  },
  {
    name: "socket by endpoint",
    change: replaced("transport_socket_matches", (matches) => {
      const [mesh] = matches as Fields[];
      return { transport_socket: mesh?.["transport_socket"] ?? null };
    }),
  },
  { name: "original destination of the app", change: appByAddress },
  { name: "decorator", change: without("decorator") },
  {
    name: "who a cluster and an endpoint are",
    // What else is there says whether mesh mTLS goes to the endpoint.
    change: replaced("filter_metadata", (metadata) => {
      const { istio: _, ...rest } = metadata as Fields;
      return { filter_metadata: rest };
    }),
  },
  { name: "statistics: tags, matcher", change: without("stats_config") },
  { name: "statistics: deferred", change: without("deferred_stat_options") },
  {
    name: "with access log",
    change: replaced("stat_prefix", (prefix) => ({ stat_prefix: prefix, access_log: [accessLog] })),
  },
];
