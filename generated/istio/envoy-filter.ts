// Written by scripts/generate/spec-types.ts from generated/schemas. Do not edit.
export type EnvoyFilterSpec = {
  readonly "configPatches"?: readonly ({
    readonly "applyTo"?: "INVALID" | "LISTENER" | "FILTER_CHAIN" | "NETWORK_FILTER" | "HTTP_FILTER" | "ROUTE_CONFIGURATION" | "VIRTUAL_HOST" | "HTTP_ROUTE" | "CLUSTER" | "EXTENSION_CONFIG" | "BOOTSTRAP" | "LISTENER_FILTER";
    readonly "match"?: {
      readonly "cluster"?: {
        readonly "name"?: string;
        readonly "portNumber"?: number;
        readonly "service"?: string;
        readonly "subset"?: string;
      };
      readonly "context"?: "ANY" | "SIDECAR_INBOUND" | "SIDECAR_OUTBOUND" | "GATEWAY" | "WAYPOINT";
      readonly "listener"?: {
        readonly "filterChain"?: {
          readonly "applicationProtocols"?: string;
          readonly "destinationPort"?: number;
          readonly "filter"?: {
            readonly "name"?: string;
            readonly "subFilter"?: {
              readonly "name"?: string;
            };
          };
          readonly "name"?: string;
          readonly "sni"?: string;
          readonly "transportProtocol"?: string;
        };
        readonly "listenerFilter"?: string;
        readonly "name"?: string;
        readonly "portName"?: string;
        readonly "portNumber"?: number;
      };
      readonly "proxy"?: {
        readonly "metadata"?: Readonly<Record<string, string>>;
        readonly "proxyVersion"?: string;
      };
      readonly "routeConfiguration"?: {
        readonly "gateway"?: string;
        readonly "name"?: string;
        readonly "portName"?: string;
        readonly "portNumber"?: number;
        readonly "vhost"?: {
          readonly "domainName"?: string;
          readonly "name"?: string;
          readonly "route"?: {
            readonly "action"?: "ANY" | "ROUTE" | "REDIRECT" | "DIRECT_RESPONSE";
            readonly "name"?: string;
          };
        };
      };
      readonly "waypoint"?: {
        readonly "filter"?: {
          readonly "name"?: string;
          readonly "subFilter"?: {
            readonly "name"?: string;
          };
        };
        readonly "portNumber"?: number;
        readonly "route"?: {
          readonly "name"?: string;
        };
      };
    };
    readonly "patch"?: {
      readonly "filterClass"?: "UNSPECIFIED" | "AUTHN" | "AUTHZ" | "STATS";
      readonly "operation"?: "INVALID" | "MERGE" | "ADD" | "REMOVE" | "INSERT_BEFORE" | "INSERT_AFTER" | "INSERT_FIRST" | "REPLACE";
      readonly "value"?: Readonly<Record<string, unknown>>;
    };
  })[];
  readonly "priority"?: number;
  readonly "targetRefs"?: readonly ({
    readonly "group"?: string;
    readonly "kind": string;
    readonly "name": string;
    readonly "namespace"?: string;
  })[];
  readonly "workloadSelector"?: {
    readonly "labels"?: Readonly<Record<string, string>>;
  };
};
