import type { Credentials } from "../../../e2e/harness/static-bootstrap.ts";
import { ports, type HttpVersion } from "./input.ts";
import { extension, typed, type Fields, type Json } from "./json.ts";

/** Where a pair of sidecars listens: iptables leads there. */
export interface LanePorts {
  readonly outbound: number;
  readonly inbound: number;
}

const versions: readonly HttpVersion[] = ["HTTP/1.1", "HTTP/2"];

/** The smallest configuration by hand that does the caller's part: any request on one listener, by mutual TLS to the server. */
export function clientConfig(port: number, serverAddress: string, serverId: string, own: Credentials): Fields {
  const socket = (version: HttpVersion): Fields => ({
    transport_socket: extension(
      "envoy.transport_sockets.tls",
      "extensions.transport_sockets.tls.v3.UpstreamTlsContext",
      {
        sni: "bench",
        common_tls_context: {
          ...tlsOf(own, serverId),
          alpn_protocols: [version === "HTTP/2" ? "h2" : "http/1.1"],
        },
      },
    ),
  });
  return config([listener(port, {})], (version) => cluster(version, serverAddress, socket(version)));
}

/** The server's part: mutual TLS ends here, and the request goes to the app in plaintext. */
export function serverConfig(port: number, clientId: string, own: Credentials): Fields {
  const socket = extension("envoy.transport_sockets.tls", "extensions.transport_sockets.tls.v3.DownstreamTlsContext", {
    require_client_certificate: true,
    common_tls_context: { ...tlsOf(own, clientId), alpn_protocols: ["h2", "http/1.1"] },
  });
  return config([listener(port, { transport_socket: socket })], (version) => cluster(version, "127.0.0.1", {}));
}

function config(listeners: Fields[], clusterOf: (version: HttpVersion) => Fields): Fields {
  return { static_resources: { listeners, clusters: versions.map(clusterOf) } };
}

/** TLS 1.3, as between our sidecars: Envoy's clients stop at 1.2 by default. */
function tlsOf({ certificate, privateKey, roots }: Credentials, peer: string): Fields {
  return {
    tls_params: { tls_maximum_protocol_version: "TLSv1_3" },
    tls_certificates: [
      { certificate_chain: { inline_string: certificate }, private_key: { inline_string: privateKey } },
    ],
    validation_context: {
      trusted_ca: { inline_string: roots },
      match_typed_subject_alt_names: [{ san_type: "URI", matcher: { exact: peer } }],
    },
  };
}

function listener(port: number, chain: Fields): Fields {
  const manager = extension(
    "envoy.filters.network.http_connection_manager",
    "extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
    {
      stat_prefix: "static",
      http_filters: [extension("envoy.filters.http.router", "extensions.filters.http.router.v3.Router")],
      route_config: { virtual_hosts: [...versions].reverse().map(virtualHost) },
    },
  );
  return {
    address: { socket_address: { address: "0.0.0.0", port_value: port } },
    filter_chains: [{ filters: [manager], ...chain }],
  };
}

/** The service's port, which the caller names with the host, tells the HTTP version. */
function virtualHost(version: HttpVersion): Fields {
  const domain = version === "HTTP/2" ? `bench:${ports.permissive[version].port}` : "*";
  return { name: version, domains: [domain], routes: [{ match: { prefix: "/" }, route: { cluster: version } }] };
}

function cluster(version: HttpVersion, address: string, socket: Fields): Fields {
  const endpoint: Json = {
    address: { socket_address: { address, port_value: ports.permissive[version].app } },
  };
  const http2 = typed("extensions.upstreams.http.v3.HttpProtocolOptions", {
    explicit_http_config: { http2_protocol_options: {} },
  });
  return {
    name: version,
    load_assignment: { cluster_name: version, endpoints: [{ lb_endpoints: [{ endpoint }] }] },
    ...(version === "HTTP/2" && {
      typed_extension_protocol_options: { "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": http2 },
    }),
    ...socket,
  };
}
