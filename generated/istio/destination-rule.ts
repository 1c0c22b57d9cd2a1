// Written by scripts/generate/spec-types.ts from generated/schemas. Do not edit.
export type DestinationRuleSpec = {
  readonly "exportTo"?: readonly (string)[];
  readonly "host": string;
  readonly "subsets"?: readonly ({
    readonly "labels"?: Readonly<Record<string, string>>;
    readonly "name": string;
    readonly "trafficPolicy"?: {
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
      readonly "loadBalancer"?: {
        readonly "consistentHash"?: {
          readonly "httpCookie"?: {
            readonly "attributes"?: readonly ({
              readonly "name": string;
              readonly "value"?: string;
            })[];
            readonly "name": string;
            readonly "path"?: string;
            readonly "ttl"?: string;
          };
          readonly "httpHeaderName"?: string;
          readonly "httpQueryParameterName"?: string;
          readonly "maglev"?: {
            readonly "tableSize"?: number;
          };
          readonly "minimumRingSize"?: number;
          readonly "ringHash"?: {
            readonly "minimumRingSize"?: number;
          };
          readonly "useSourceIp"?: boolean;
        };
        readonly "localityLbSetting"?: {
          readonly "distribute"?: readonly ({
            readonly "from"?: string;
            readonly "to"?: Readonly<Record<string, number>>;
          })[];
          readonly "enabled"?: boolean;
          readonly "failover"?: readonly ({
            readonly "from"?: string;
            readonly "to"?: string;
          })[];
          readonly "failoverPriority"?: readonly (string)[];
        };
        readonly "simple"?: "UNSPECIFIED" | "LEAST_CONN" | "RANDOM" | "PASSTHROUGH" | "ROUND_ROBIN" | "LEAST_REQUEST";
        readonly "warmup"?: {
          readonly "aggression"?: number;
          readonly "duration": string;
          readonly "minimumPercent"?: number;
        };
        readonly "warmupDurationSecs"?: string;
      };
      readonly "outlierDetection"?: {
        readonly "baseEjectionTime"?: string;
        readonly "consecutive5xxErrors"?: number;
        readonly "consecutiveErrors"?: number;
        readonly "consecutiveGatewayErrors"?: number;
        readonly "consecutiveLocalOriginFailures"?: number;
        readonly "interval"?: string;
        readonly "maxEjectionPercent"?: number;
        readonly "minHealthPercent"?: number;
        readonly "splitExternalLocalOriginErrors"?: boolean;
      };
      readonly "portLevelSettings"?: readonly ({
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
        readonly "loadBalancer"?: {
          readonly "consistentHash"?: {
            readonly "httpCookie"?: {
              readonly "attributes"?: readonly ({
                readonly "name": string;
                readonly "value"?: string;
              })[];
              readonly "name": string;
              readonly "path"?: string;
              readonly "ttl"?: string;
            };
            readonly "httpHeaderName"?: string;
            readonly "httpQueryParameterName"?: string;
            readonly "maglev"?: {
              readonly "tableSize"?: number;
            };
            readonly "minimumRingSize"?: number;
            readonly "ringHash"?: {
              readonly "minimumRingSize"?: number;
            };
            readonly "useSourceIp"?: boolean;
          };
          readonly "localityLbSetting"?: {
            readonly "distribute"?: readonly ({
              readonly "from"?: string;
              readonly "to"?: Readonly<Record<string, number>>;
            })[];
            readonly "enabled"?: boolean;
            readonly "failover"?: readonly ({
              readonly "from"?: string;
              readonly "to"?: string;
            })[];
            readonly "failoverPriority"?: readonly (string)[];
          };
          readonly "simple"?: "UNSPECIFIED" | "LEAST_CONN" | "RANDOM" | "PASSTHROUGH" | "ROUND_ROBIN" | "LEAST_REQUEST";
          readonly "warmup"?: {
            readonly "aggression"?: number;
            readonly "duration": string;
            readonly "minimumPercent"?: number;
          };
          readonly "warmupDurationSecs"?: string;
        };
        readonly "outlierDetection"?: {
          readonly "baseEjectionTime"?: string;
          readonly "consecutive5xxErrors"?: number;
          readonly "consecutiveErrors"?: number;
          readonly "consecutiveGatewayErrors"?: number;
          readonly "consecutiveLocalOriginFailures"?: number;
          readonly "interval"?: string;
          readonly "maxEjectionPercent"?: number;
          readonly "minHealthPercent"?: number;
          readonly "splitExternalLocalOriginErrors"?: boolean;
        };
        readonly "port"?: {
          readonly "number"?: number;
        };
        readonly "tls"?: {
          readonly "caCertificates"?: string;
          readonly "caCrl"?: string;
          readonly "clientCertificate"?: string;
          readonly "credentialName"?: string;
          readonly "insecureSkipVerify"?: boolean;
          readonly "mode"?: "DISABLE" | "SIMPLE" | "MUTUAL" | "ISTIO_MUTUAL";
          readonly "privateKey"?: string;
          readonly "sni"?: string;
          readonly "subjectAltNames"?: readonly (string)[];
        };
      })[];
      readonly "proxyProtocol"?: {
        readonly "version"?: "V1" | "V2";
      };
      readonly "retryBudget"?: {
        readonly "minRetryConcurrency"?: number;
        readonly "percent"?: number;
      };
      readonly "tls"?: {
        readonly "caCertificates"?: string;
        readonly "caCrl"?: string;
        readonly "clientCertificate"?: string;
        readonly "credentialName"?: string;
        readonly "insecureSkipVerify"?: boolean;
        readonly "mode"?: "DISABLE" | "SIMPLE" | "MUTUAL" | "ISTIO_MUTUAL";
        readonly "privateKey"?: string;
        readonly "sni"?: string;
        readonly "subjectAltNames"?: readonly (string)[];
      };
      readonly "tunnel"?: {
        readonly "protocol"?: string;
        readonly "targetHost": string;
        readonly "targetPort": number;
      };
    };
  })[];
  readonly "trafficPolicy"?: {
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
    readonly "loadBalancer"?: {
      readonly "consistentHash"?: {
        readonly "httpCookie"?: {
          readonly "attributes"?: readonly ({
            readonly "name": string;
            readonly "value"?: string;
          })[];
          readonly "name": string;
          readonly "path"?: string;
          readonly "ttl"?: string;
        };
        readonly "httpHeaderName"?: string;
        readonly "httpQueryParameterName"?: string;
        readonly "maglev"?: {
          readonly "tableSize"?: number;
        };
        readonly "minimumRingSize"?: number;
        readonly "ringHash"?: {
          readonly "minimumRingSize"?: number;
        };
        readonly "useSourceIp"?: boolean;
      };
      readonly "localityLbSetting"?: {
        readonly "distribute"?: readonly ({
          readonly "from"?: string;
          readonly "to"?: Readonly<Record<string, number>>;
        })[];
        readonly "enabled"?: boolean;
        readonly "failover"?: readonly ({
          readonly "from"?: string;
          readonly "to"?: string;
        })[];
        readonly "failoverPriority"?: readonly (string)[];
      };
      readonly "simple"?: "UNSPECIFIED" | "LEAST_CONN" | "RANDOM" | "PASSTHROUGH" | "ROUND_ROBIN" | "LEAST_REQUEST";
      readonly "warmup"?: {
        readonly "aggression"?: number;
        readonly "duration": string;
        readonly "minimumPercent"?: number;
      };
      readonly "warmupDurationSecs"?: string;
    };
    readonly "outlierDetection"?: {
      readonly "baseEjectionTime"?: string;
      readonly "consecutive5xxErrors"?: number;
      readonly "consecutiveErrors"?: number;
      readonly "consecutiveGatewayErrors"?: number;
      readonly "consecutiveLocalOriginFailures"?: number;
      readonly "interval"?: string;
      readonly "maxEjectionPercent"?: number;
      readonly "minHealthPercent"?: number;
      readonly "splitExternalLocalOriginErrors"?: boolean;
    };
    readonly "portLevelSettings"?: readonly ({
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
      readonly "loadBalancer"?: {
        readonly "consistentHash"?: {
          readonly "httpCookie"?: {
            readonly "attributes"?: readonly ({
              readonly "name": string;
              readonly "value"?: string;
            })[];
            readonly "name": string;
            readonly "path"?: string;
            readonly "ttl"?: string;
          };
          readonly "httpHeaderName"?: string;
          readonly "httpQueryParameterName"?: string;
          readonly "maglev"?: {
            readonly "tableSize"?: number;
          };
          readonly "minimumRingSize"?: number;
          readonly "ringHash"?: {
            readonly "minimumRingSize"?: number;
          };
          readonly "useSourceIp"?: boolean;
        };
        readonly "localityLbSetting"?: {
          readonly "distribute"?: readonly ({
            readonly "from"?: string;
            readonly "to"?: Readonly<Record<string, number>>;
          })[];
          readonly "enabled"?: boolean;
          readonly "failover"?: readonly ({
            readonly "from"?: string;
            readonly "to"?: string;
          })[];
          readonly "failoverPriority"?: readonly (string)[];
        };
        readonly "simple"?: "UNSPECIFIED" | "LEAST_CONN" | "RANDOM" | "PASSTHROUGH" | "ROUND_ROBIN" | "LEAST_REQUEST";
        readonly "warmup"?: {
          readonly "aggression"?: number;
          readonly "duration": string;
          readonly "minimumPercent"?: number;
        };
        readonly "warmupDurationSecs"?: string;
      };
      readonly "outlierDetection"?: {
        readonly "baseEjectionTime"?: string;
        readonly "consecutive5xxErrors"?: number;
        readonly "consecutiveErrors"?: number;
        readonly "consecutiveGatewayErrors"?: number;
        readonly "consecutiveLocalOriginFailures"?: number;
        readonly "interval"?: string;
        readonly "maxEjectionPercent"?: number;
        readonly "minHealthPercent"?: number;
        readonly "splitExternalLocalOriginErrors"?: boolean;
      };
      readonly "port"?: {
        readonly "number"?: number;
      };
      readonly "tls"?: {
        readonly "caCertificates"?: string;
        readonly "caCrl"?: string;
        readonly "clientCertificate"?: string;
        readonly "credentialName"?: string;
        readonly "insecureSkipVerify"?: boolean;
        readonly "mode"?: "DISABLE" | "SIMPLE" | "MUTUAL" | "ISTIO_MUTUAL";
        readonly "privateKey"?: string;
        readonly "sni"?: string;
        readonly "subjectAltNames"?: readonly (string)[];
      };
    })[];
    readonly "proxyProtocol"?: {
      readonly "version"?: "V1" | "V2";
    };
    readonly "retryBudget"?: {
      readonly "minRetryConcurrency"?: number;
      readonly "percent"?: number;
    };
    readonly "tls"?: {
      readonly "caCertificates"?: string;
      readonly "caCrl"?: string;
      readonly "clientCertificate"?: string;
      readonly "credentialName"?: string;
      readonly "insecureSkipVerify"?: boolean;
      readonly "mode"?: "DISABLE" | "SIMPLE" | "MUTUAL" | "ISTIO_MUTUAL";
      readonly "privateKey"?: string;
      readonly "sni"?: string;
      readonly "subjectAltNames"?: readonly (string)[];
    };
    readonly "tunnel"?: {
      readonly "protocol"?: string;
      readonly "targetHost": string;
      readonly "targetPort": number;
    };
  };
  readonly "workloadSelector"?: {
    readonly "matchLabels"?: Readonly<Record<string, string>>;
  };
};
