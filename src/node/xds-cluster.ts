import { ipVersion } from "./problems.ts";

/** Where the control plane is, and how a proxy knows that it is the right one. */
export interface ControlPlaneEndpoint {
  readonly address: string; // IP or DNS name
  readonly port: number;
  /** The DNS name its certificate must carry, whatever the address is. */
  readonly serverName: string;
}

/** The files a proxy reads. All are watched: replacing one (by rename, in its directory) is noticed without a restart. */
export interface ProxyFiles {
  /** Roots that sign the control plane's certificate, PEM. */
  readonly caFile: string;
  /** An SDS file as `buildTokenSecret` makes it. */
  readonly tokenSecretFile: string;
}

const typeUrl = (name: string) => `type.googleapis.com/${name}`;
const secretName = "xds-token";

function directoryOf(file: string): string {
  return file.slice(0, Math.max(1, file.lastIndexOf("/")));
}

/**
 * The content of the SDS file that gives Envoy its credential: the injector sends the secret as it stands, so the word
 * Bearer is part of it. Keep the file at mode 0600.
 * https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/credential_injector_filter
 */
export function buildTokenSecret(token: string): object {
  return {
    resources: [
      {
        "@type": typeUrl("envoy.extensions.transport_sockets.tls.v3.Secret"),
        name: secretName,
        generic_secret: { secret: { inline_string: `Bearer ${token.trim()}` } },
      },
    ],
  };
}

function credentialInjector(files: ProxyFiles): object {
  return {
    name: "envoy.filters.http.credential_injector",
    typed_config: {
      "@type": typeUrl("envoy.extensions.filters.http.credential_injector.v3.CredentialInjector"),
      overwrite: true,
      credential: {
        name: "envoy.http.injected_credentials.generic",
        typed_config: {
          "@type": typeUrl("envoy.extensions.http.injected_credentials.generic.v3.Generic"),
          credential: {
            name: secretName,
            sds_config: {
              resource_api_version: "V3",
              initial_fetch_timeout: "0s", // the first stream waits for the credential, not the other way round
              path_config_source: {
                path: files.tokenSecretFile,
                watched_directory: { path: directoryOf(files.tokenSecretFile) },
              },
            },
          },
        },
      },
    },
  };
}

function http2(files: ProxyFiles): object {
  const codec = { name: "envoy.filters.http.upstream_codec" };
  return {
    "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
      "@type": typeUrl("envoy.extensions.upstreams.http.v3.HttpProtocolOptions"),
      explicit_http_config: {
        // A control plane that vanished without a word is noticed in 40 s, and the stream is opened elsewhere.
        http2_protocol_options: { connection_keepalive: { interval: "30s", timeout: "10s" } },
      },
      http_filters: [
        credentialInjector(files),
        {
          ...codec,
          typed_config: { "@type": typeUrl("envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec") },
        },
      ],
    },
  };
}

function tls(serverName: string, files: ProxyFiles): object {
  return {
    name: "envoy.transport_sockets.tls",
    typed_config: {
      "@type": typeUrl("envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext"),
      sni: serverName,
      common_tls_context: {
        alpn_protocols: ["h2"],
        tls_params: { tls_minimum_protocol_version: "TLSv1_3", tls_maximum_protocol_version: "TLSv1_3" },
        validation_context: {
          trusted_ca: { filename: files.caFile },
          watched_directory: { path: directoryOf(files.caFile) },
          match_typed_subject_alt_names: [{ san_type: "DNS", matcher: { exact: serverName } }],
        },
      },
    },
  };
}

/** The cluster `xds-grpc`: TLS to the control plane, the workload's token on each stream. */
export function buildXdsCluster(controlPlane: ControlPlaneEndpoint, files: ProxyFiles): object {
  const { address, port, serverName } = controlPlane;
  const endpoint = { address: { socket_address: { address, port_value: port } } };
  return {
    name: "xds-grpc",
    ...(ipVersion(address)
      ? { type: "STATIC" }
      : { type: "STRICT_DNS", respect_dns_ttl: true, dns_lookup_family: "ALL", dns_refresh_rate: "5s" }),
    connect_timeout: "5s",
    load_assignment: { cluster_name: "xds-grpc", endpoints: [{ lb_endpoints: [{ endpoint }] }] },
    typed_extension_protocol_options: http2(files),
    transport_socket: tls(serverName, files),
    upstream_connection_options: { tcp_keepalive: { keepalive_time: 30, keepalive_interval: 10, keepalive_probes: 3 } },
  };
}
