// Written by scripts/generate/spec-types.ts from generated/schemas. Do not edit.
export type WorkloadGroupSpec = {
  readonly "metadata"?: {
    readonly "annotations"?: Readonly<Record<string, string>>;
    readonly "labels"?: Readonly<Record<string, string>>;
  };
  readonly "probe"?: {
    readonly "exec"?: {
      readonly "command": readonly (string)[];
    };
    readonly "failureThreshold"?: number;
    readonly "grpc"?: {
      readonly "port"?: number;
      readonly "service"?: string;
    };
    readonly "httpGet"?: {
      readonly "host"?: string;
      readonly "httpHeaders"?: readonly ({
        readonly "name"?: string;
        readonly "value"?: string;
      })[];
      readonly "path"?: string;
      readonly "port": number;
      readonly "scheme"?: string;
    };
    readonly "initialDelaySeconds"?: number;
    readonly "periodSeconds"?: number;
    readonly "successThreshold"?: number;
    readonly "tcpSocket"?: {
      readonly "host"?: string;
      readonly "port": number;
    };
    readonly "timeoutSeconds"?: number;
  };
  readonly "template": {
    readonly "address"?: string;
    readonly "labels"?: Readonly<Record<string, string>>;
    readonly "locality"?: string;
    readonly "network"?: string;
    readonly "ports"?: Readonly<Record<string, number>>;
    readonly "serviceAccount"?: string;
    readonly "weight"?: number;
  };
};
