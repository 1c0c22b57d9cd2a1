// Written by scripts/generate/spec-types.ts from generated/schemas. Do not edit.
export type TelemetrySpec = {
  readonly "accessLogging"?: readonly ({
    readonly "disabled"?: boolean;
    readonly "filter"?: {
      readonly "expression"?: string;
    };
    readonly "match"?: {
      readonly "mode"?: "CLIENT_AND_SERVER" | "CLIENT" | "SERVER";
    };
    readonly "providers"?: readonly ({
      readonly "name": string;
    })[];
  })[];
  readonly "metrics"?: readonly ({
    readonly "overrides"?: readonly ({
      readonly "disabled"?: boolean;
      readonly "match"?: {
        readonly "customMetric"?: string;
        readonly "metric"?: "ALL_METRICS" | "REQUEST_COUNT" | "REQUEST_DURATION" | "REQUEST_SIZE" | "RESPONSE_SIZE" | "TCP_OPENED_CONNECTIONS" | "TCP_CLOSED_CONNECTIONS" | "TCP_SENT_BYTES" | "TCP_RECEIVED_BYTES" | "GRPC_REQUEST_MESSAGES" | "GRPC_RESPONSE_MESSAGES";
        readonly "mode"?: "CLIENT_AND_SERVER" | "CLIENT" | "SERVER";
      };
      readonly "tagOverrides"?: Readonly<Record<string, {
        readonly "operation"?: "UPSERT" | "REMOVE";
        readonly "value"?: string;
      }>>;
    })[];
    readonly "providers"?: readonly ({
      readonly "name": string;
    })[];
    readonly "reportingInterval"?: string;
  })[];
  readonly "selector"?: {
    readonly "matchLabels"?: Readonly<Record<string, string>>;
  };
  readonly "targetRef"?: {
    readonly "group"?: string;
    readonly "kind": string;
    readonly "name": string;
    readonly "namespace"?: string;
  };
  readonly "targetRefs"?: readonly ({
    readonly "group"?: string;
    readonly "kind": string;
    readonly "name": string;
    readonly "namespace"?: string;
  })[];
  readonly "tracing"?: readonly ({
    readonly "customTags"?: Readonly<Record<string, {
      readonly "environment"?: {
        readonly "defaultValue"?: string;
        readonly "name": string;
      };
      readonly "formatter"?: {
        readonly "value": string;
      };
      readonly "header"?: {
        readonly "defaultValue"?: string;
        readonly "name": string;
      };
      readonly "literal"?: {
        readonly "value": string;
      };
    }>>;
    readonly "disableSpanReporting"?: boolean;
    readonly "enableIstioTags"?: boolean;
    readonly "match"?: {
      readonly "mode"?: "CLIENT_AND_SERVER" | "CLIENT" | "SERVER";
    };
    readonly "providers"?: readonly ({
      readonly "name": string;
    })[];
    readonly "randomSamplingPercentage"?: number;
    readonly "useRequestIdForTraceSampling"?: boolean;
  })[];
};
