import { ipVersion } from "./problems.ts";

/** Where the control plane is, and how a proxy knows that it is the right one. */
export interface ControlPlaneEndpoint {
  readonly address: string; // IP or DNS name
  readonly port: number;
  /** The DNS name its certificate must carry, whatever the address is. */
  readonly serverName: string;
}

/** The files a proxy reads. Roots and token are watched: replacing one (by rename, in its directory) is noticed without a restart. */
export interface ProxyFiles {
  /** Roots that sign the control plane's certificate, PEM. */
  readonly caFile: string;
  /** The token alone, as Kubernetes projects it or `heddle token create` prints it. Keep it at mode 0600. */
  readonly tokenFile: string;
  /** What `buildRootSecret` makes. */
  readonly rootSecretFile: string;
  /** What `buildTokenSecret` makes; holds no secret itself. */
  readonly tokenSecretFile: string;
}

const typeUrl = (name: string) => `type.googleapis.com/${name}`;
const secretName = "xds-token";
const rootsName = "xds-roots";
const tokenHeader = "x-heddle-token"; // lives between two filters, never on the wire

function directoryOf(file: string): string {
  return file.slice(0, Math.max(1, file.lastIndexOf("/")));
}

/**
 * The content of the SDS file that tells Envoy where the token is.
 * https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/transport_sockets/tls/v3/secret.proto
 */
export function buildTokenSecret(tokenFile: string): object {
  return {
    resources: [
      {
        "@type": typeUrl("envoy.extensions.transport_sockets.tls.v3.Secret"),
        name: secretName,
        generic_secret: { secret: { filename: tokenFile } },
      },
    ],
  };
}

/** The content of the SDS file that tells Envoy where the roots are: only roots that come by SDS are read again. */
export function buildRootSecret(caFile: string): object {
  return {
    resources: [
      {
        "@type": typeUrl("envoy.extensions.transport_sockets.tls.v3.Secret"),
        name: rootsName,
        validation_context: { trusted_ca: { filename: caFile }, watched_directory: { path: directoryOf(caFile) } },
      },
    ],
  };
}

/** https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/credential_injector_filter */
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
          header: tokenHeader,
          credential: {
            name: secretName,
            sds_config: {
              resource_api_version: "V3",
              initial_fetch_timeout: "0s", // the first stream waits for the credential, not the other way round
              path_config_source: {
                path: files.tokenSecretFile,
                // A replaced token makes Envoy read the secret, and with it the token, again.
                watched_directory: { path: directoryOf(files.tokenFile) },
              },
            },
          },
        },
      },
    },
  };
}

/** The injector sends a secret as it stands; a token file says nothing of Bearer, so the scheme is put before it here. */
const bearerScheme = {
  name: "envoy.filters.http.header_mutation",
  typed_config: {
    "@type": typeUrl("envoy.extensions.filters.http.header_mutation.v3.HeaderMutation"),
    mutations: {
      request_mutations: [
        {
          append: {
            header: { key: "authorization", value: `Bearer %REQ(${tokenHeader})%` },
            append_action: "OVERWRITE_IF_EXISTS_OR_ADD",
          },
        },
        { remove: tokenHeader },
      ],
    },
  },
};

function http2(files: ProxyFiles): object {
  return {
    "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
      "@type": typeUrl("envoy.extensions.upstreams.http.v3.HttpProtocolOptions"),
      explicit_http_config: {
        // A control plane that vanished without a word is noticed in 40 s, and the stream is opened elsewhere.
        http2_protocol_options: { connection_keepalive: { interval: "30s", timeout: "10s" } },
      },
      http_filters: [
        credentialInjector(files),
        bearerScheme,
        {
          name: "envoy.filters.http.upstream_codec",
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
        combined_validation_context: {
          default_validation_context: {
            match_typed_subject_alt_names: [{ san_type: "DNS", matcher: { exact: serverName } }],
          },
          validation_context_sds_secret_config: {
            name: rootsName,
            sds_config: {
              resource_api_version: "V3",
              initial_fetch_timeout: "0s",
              path_config_source: {
                path: files.rootSecretFile,
                watched_directory: { path: directoryOf(files.caFile) },
              },
            },
          },
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
