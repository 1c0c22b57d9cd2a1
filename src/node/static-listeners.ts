/** The listeners that need no control plane to be there. Like all others they open once Envoy has its first configuration. */

const typeUrl = (name: string) => `type.googleapis.com/${name}`;

/** The cluster behind both: Envoy's own admin interface, of which they show one page each. */
export function buildAdminCluster(adminPort: number): object {
  const endpoint = { address: { socket_address: { address: "127.0.0.1", port_value: adminPort } } };
  return {
    name: "admin",
    type: "STATIC",
    connect_timeout: "1s",
    load_assignment: { cluster_name: "admin", endpoints: [{ lb_endpoints: [{ endpoint }] }] },
  };
}

interface Page {
  readonly name: string;
  readonly port: number;
  readonly path: string; // what is asked for: exactly this, by GET
  readonly adminPath: string; // what admin is asked
}

function pageListener({ name, port, path, adminPath }: Page, ipv6: boolean): object {
  const at = (address: string) => ({ address: { socket_address: { address, port_value: port } } });
  return {
    name,
    ...at("0.0.0.0"),
    ...(ipv6 ? { additional_addresses: [at("::")] } : {}),
    ignore_global_conn_limit: true, // a full proxy must still be able to say that it is alive
    bypass_overload_manager: true,
    filter_chains: [
      {
        filters: [
          {
            name: "envoy.filters.network.http_connection_manager",
            typed_config: {
              "@type": typeUrl("envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"),
              stat_prefix: name,
              normalize_path: true,
              common_http_protocol_options: { idle_timeout: "60s" },
              request_headers_timeout: "5s",
              http_filters: [
                {
                  name: "envoy.filters.http.router",
                  typed_config: { "@type": typeUrl("envoy.extensions.filters.http.router.v3.Router") },
                },
              ],
              route_config: {
                name,
                virtual_hosts: [
                  {
                    name,
                    domains: ["*"],
                    routes: [
                      {
                        match: { path, headers: [{ name: ":method", string_match: { exact: "GET" } }] },
                        route: {
                          cluster: "admin",
                          timeout: "10s",
                          ...(adminPath === path ? {} : { prefix_rewrite: adminPath }),
                        },
                      },
                    ],
                  },
                ],
              },
            },
          },
        ],
      },
    ],
  };
}

/**
 * 15021 `/healthz/ready`: 200 while the proxy is LIVE, 503 while it drains; before its first configuration nobody listens.
 * 15090 `/stats/prometheus`: Envoy's statistics. Nothing else of the admin interface leaves the machine.
 */
export function buildStaticListeners(ports: { readiness: number; prometheus: number }, ipv6: boolean): object[] {
  return [
    pageListener({ name: "readiness", port: ports.readiness, path: "/healthz/ready", adminPath: "/ready" }, ipv6),
    pageListener(
      { name: "prometheus", port: ports.prometheus, path: "/stats/prometheus", adminPath: "/stats/prometheus" },
      ipv6,
    ),
  ];
}

/** The admin interface on a unix socket, so that whoever may enter its directory can look into a proxy in another network namespace. */
export function buildAdminSocket(path: string): object {
  return {
    name: "admin-socket",
    address: { pipe: { path, mode: 0o600 } },
    ignore_global_conn_limit: true,
    bypass_overload_manager: true,
    filter_chains: [
      {
        filters: [
          {
            name: "envoy.filters.network.tcp_proxy",
            typed_config: {
              "@type": typeUrl("envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy"),
              stat_prefix: "admin-socket",
              cluster: "admin",
            },
          },
        ],
      },
    ],
  };
}
