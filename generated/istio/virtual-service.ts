// Written by scripts/generate/spec-types.ts from generated/schemas. Do not edit.
export type VirtualServiceSpec = {
  readonly "exportTo"?: readonly (string)[];
  readonly "gateways"?: readonly (string)[];
  readonly "hosts"?: readonly (string)[];
  readonly "http"?: readonly ({
    readonly "corsPolicy"?: {
      readonly "allowCredentials"?: boolean;
      readonly "allowHeaders"?: readonly (string)[];
      readonly "allowMethods"?: readonly (string)[];
      readonly "allowOrigin"?: readonly (string)[];
      readonly "allowOrigins"?: readonly ({
        readonly "exact"?: string;
        readonly "prefix"?: string;
        readonly "regex"?: string;
      })[];
      readonly "exposeHeaders"?: readonly (string)[];
      readonly "maxAge"?: string;
      readonly "unmatchedPreflights"?: "UNSPECIFIED" | "FORWARD" | "IGNORE";
    };
    readonly "delegate"?: {
      readonly "name"?: string;
      readonly "namespace"?: string;
    };
    readonly "directResponse"?: {
      readonly "body"?: {
        readonly "bytes"?: string;
        readonly "string"?: string;
      };
      readonly "status": number;
    };
    readonly "fault"?: {
      readonly "abort"?: {
        readonly "grpcStatus"?: string;
        readonly "http2Error"?: string;
        readonly "httpStatus"?: number;
        readonly "percentage"?: {
          readonly "value"?: number;
        };
      };
      readonly "delay"?: {
        readonly "exponentialDelay"?: string;
        readonly "fixedDelay"?: string;
        readonly "percent"?: number;
        readonly "percentage"?: {
          readonly "value"?: number;
        };
      };
    };
    readonly "headers"?: {
      readonly "request"?: {
        readonly "add"?: Readonly<Record<string, string>>;
        readonly "remove"?: readonly (string)[];
        readonly "set"?: Readonly<Record<string, string>>;
      };
      readonly "response"?: {
        readonly "add"?: Readonly<Record<string, string>>;
        readonly "remove"?: readonly (string)[];
        readonly "set"?: Readonly<Record<string, string>>;
      };
    };
    readonly "match"?: readonly ({
      readonly "authority"?: {
        readonly "exact"?: string;
        readonly "prefix"?: string;
        readonly "regex"?: string;
      };
      readonly "gateways"?: readonly (string)[];
      readonly "headers"?: Readonly<Record<string, {
        readonly "exact"?: string;
        readonly "prefix"?: string;
        readonly "regex"?: string;
      }>>;
      readonly "ignoreUriCase"?: boolean;
      readonly "method"?: {
        readonly "exact"?: string;
        readonly "prefix"?: string;
        readonly "regex"?: string;
      };
      readonly "name"?: string;
      readonly "port"?: number;
      readonly "queryParams"?: Readonly<Record<string, {
        readonly "exact"?: string;
        readonly "prefix"?: string;
        readonly "regex"?: string;
      }>>;
      readonly "scheme"?: {
        readonly "exact"?: string;
        readonly "prefix"?: string;
        readonly "regex"?: string;
      };
      readonly "sourceLabels"?: Readonly<Record<string, string>>;
      readonly "sourceNamespace"?: string;
      readonly "statPrefix"?: string;
      readonly "uri"?: {
        readonly "exact"?: string;
        readonly "prefix"?: string;
        readonly "regex"?: string;
      };
      readonly "withoutHeaders"?: Readonly<Record<string, {
        readonly "exact"?: string;
        readonly "prefix"?: string;
        readonly "regex"?: string;
      }>>;
    })[];
    readonly "mirror"?: {
      readonly "host": string;
      readonly "port"?: {
        readonly "number"?: number;
      };
      readonly "subset"?: string;
    };
    readonly "mirror_percent"?: number;
    readonly "mirrorPercent"?: number;
    readonly "mirrorPercentage"?: {
      readonly "value"?: number;
    };
    readonly "mirrors"?: readonly ({
      readonly "destination": {
        readonly "host": string;
        readonly "port"?: {
          readonly "number"?: number;
        };
        readonly "subset"?: string;
      };
      readonly "percentage"?: {
        readonly "value"?: number;
      };
    })[];
    readonly "name"?: string;
    readonly "redirect"?: {
      readonly "authority"?: string;
      readonly "derivePort"?: "FROM_PROTOCOL_DEFAULT" | "FROM_REQUEST_PORT";
      readonly "port"?: number;
      readonly "redirectCode"?: number;
      readonly "scheme"?: string;
      readonly "uri"?: string;
    };
    readonly "retries"?: {
      readonly "attempts"?: number;
      readonly "backoff"?: string;
      readonly "perTryTimeout"?: string;
      readonly "retryIgnorePreviousHosts"?: boolean;
      readonly "retryOn"?: string;
      readonly "retryRemoteLocalities"?: boolean;
    };
    readonly "rewrite"?: {
      readonly "authority"?: string;
      readonly "uri"?: string;
      readonly "uriRegexRewrite"?: {
        readonly "match"?: string;
        readonly "rewrite"?: string;
      };
    };
    readonly "route"?: readonly ({
      readonly "destination": {
        readonly "host": string;
        readonly "port"?: {
          readonly "number"?: number;
        };
        readonly "subset"?: string;
      };
      readonly "headers"?: {
        readonly "request"?: {
          readonly "add"?: Readonly<Record<string, string>>;
          readonly "remove"?: readonly (string)[];
          readonly "set"?: Readonly<Record<string, string>>;
        };
        readonly "response"?: {
          readonly "add"?: Readonly<Record<string, string>>;
          readonly "remove"?: readonly (string)[];
          readonly "set"?: Readonly<Record<string, string>>;
        };
      };
      readonly "weight"?: number;
    })[];
    readonly "timeout"?: string;
  })[];
  readonly "tcp"?: readonly ({
    readonly "match"?: readonly ({
      readonly "destinationSubnets"?: readonly (string)[];
      readonly "gateways"?: readonly (string)[];
      readonly "port"?: number;
      readonly "sourceLabels"?: Readonly<Record<string, string>>;
      readonly "sourceNamespace"?: string;
      readonly "sourceSubnet"?: string;
    })[];
    readonly "route"?: readonly ({
      readonly "destination": {
        readonly "host": string;
        readonly "port"?: {
          readonly "number"?: number;
        };
        readonly "subset"?: string;
      };
      readonly "weight"?: number;
    })[];
  })[];
  readonly "tls"?: readonly ({
    readonly "match": readonly ({
      readonly "destinationSubnets"?: readonly (string)[];
      readonly "gateways"?: readonly (string)[];
      readonly "port"?: number;
      readonly "sniHosts": readonly (string)[];
      readonly "sourceLabels"?: Readonly<Record<string, string>>;
      readonly "sourceNamespace"?: string;
    })[];
    readonly "route"?: readonly ({
      readonly "destination": {
        readonly "host": string;
        readonly "port"?: {
          readonly "number"?: number;
        };
        readonly "subset"?: string;
      };
      readonly "weight"?: number;
    })[];
  })[];
};
