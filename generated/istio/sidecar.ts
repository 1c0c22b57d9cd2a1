// Written by scripts/generate/spec-types.ts from generated/schemas. Do not edit.
export type SidecarSpec = {
  readonly "egress"?: readonly ({
    readonly "bind"?: string;
    readonly "captureMode"?: "DEFAULT" | "IPTABLES" | "NONE";
    readonly "hosts": readonly (string)[];
    readonly "port"?: {
      readonly "name"?: string;
      readonly "number"?: number;
      readonly "protocol"?: string;
      readonly "targetPort"?: number;
    };
  })[];
  readonly "inboundConnectionPool"?: {
    readonly "http"?: {
      readonly "h2UpgradePolicy"?: "DEFAULT" | "DO_NOT_UPGRADE" | "UPGRADE";
      readonly "http1MaxPendingRequests"?: number;
      readonly "http2MaxRequests"?: number;
      readonly "idleTimeout"?: string;
      readonly "maxConcurrentStreams"?: number;
      readonly "maxRequestsPerConnection"?: number;
      readonly "maxRetries"?: number;
      readonly "useClientProtocol"?: boolean;
    };
    readonly "tcp"?: {
      readonly "connectTimeout"?: string;
      readonly "idleTimeout"?: string;
      readonly "maxConnectionDuration"?: string;
      readonly "maxConnections"?: number;
      readonly "tcpKeepalive"?: {
        readonly "interval"?: string;
        readonly "probes"?: number;
        readonly "time"?: string;
      };
    };
  };
  readonly "ingress"?: readonly ({
    readonly "bind"?: string;
    readonly "captureMode"?: "DEFAULT" | "IPTABLES" | "NONE";
    readonly "connectionPool"?: {
      readonly "http"?: {
        readonly "h2UpgradePolicy"?: "DEFAULT" | "DO_NOT_UPGRADE" | "UPGRADE";
        readonly "http1MaxPendingRequests"?: number;
        readonly "http2MaxRequests"?: number;
        readonly "idleTimeout"?: string;
        readonly "maxConcurrentStreams"?: number;
        readonly "maxRequestsPerConnection"?: number;
        readonly "maxRetries"?: number;
        readonly "useClientProtocol"?: boolean;
      };
      readonly "tcp"?: {
        readonly "connectTimeout"?: string;
        readonly "idleTimeout"?: string;
        readonly "maxConnectionDuration"?: string;
        readonly "maxConnections"?: number;
        readonly "tcpKeepalive"?: {
          readonly "interval"?: string;
          readonly "probes"?: number;
          readonly "time"?: string;
        };
      };
    };
    readonly "defaultEndpoint"?: string;
    readonly "port": {
      readonly "name"?: string;
      readonly "number"?: number;
      readonly "protocol"?: string;
      readonly "targetPort"?: number;
    };
    readonly "tls"?: {
      readonly "caCertCredentialName"?: string;
      readonly "caCertificates"?: string;
      readonly "caCrl"?: string;
      readonly "cipherSuites"?: readonly (string)[];
      readonly "credentialName"?: string;
      readonly "credentialNames"?: readonly (string)[];
      readonly "httpsRedirect"?: boolean;
      readonly "maxProtocolVersion"?: "TLS_AUTO" | "TLSV1_0" | "TLSV1_1" | "TLSV1_2" | "TLSV1_3";
      readonly "minProtocolVersion"?: "TLS_AUTO" | "TLSV1_0" | "TLSV1_1" | "TLSV1_2" | "TLSV1_3";
      readonly "mode"?: "PASSTHROUGH" | "SIMPLE" | "MUTUAL" | "AUTO_PASSTHROUGH" | "ISTIO_MUTUAL" | "OPTIONAL_MUTUAL";
      readonly "privateKey"?: string;
      readonly "serverCertificate"?: string;
      readonly "subjectAltNames"?: readonly (string)[];
      readonly "tlsCertificates"?: readonly ({
        readonly "caCertificates"?: string;
        readonly "privateKey"?: string;
        readonly "serverCertificate"?: string;
      })[];
      readonly "verifyCertificateHash"?: readonly (string)[];
      readonly "verifyCertificateSpki"?: readonly (string)[];
    };
  })[];
  readonly "outboundTrafficPolicy"?: {
    readonly "egressProxy"?: {
      readonly "host": string;
      readonly "port"?: {
        readonly "number"?: number;
      };
      readonly "subset"?: string;
    };
    readonly "mode"?: "REGISTRY_ONLY" | "ALLOW_ANY";
  };
  readonly "workloadSelector"?: {
    readonly "labels"?: Readonly<Record<string, string>>;
  };
};
