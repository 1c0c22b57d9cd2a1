// Written by scripts/generate/spec-types.ts from generated/schemas. Do not edit.
export type WasmPluginSpec = {
  readonly "failStrategy"?: "FAIL_CLOSE" | "FAIL_OPEN" | "FAIL_RELOAD";
  readonly "imagePullPolicy"?: "UNSPECIFIED_POLICY" | "IfNotPresent" | "Always";
  readonly "imagePullSecret"?: string;
  readonly "match"?: readonly ({
    readonly "mode"?: "UNDEFINED" | "CLIENT" | "SERVER" | "CLIENT_AND_SERVER";
    readonly "ports"?: readonly ({
      readonly "number": number;
    })[];
  })[];
  readonly "phase"?: "UNSPECIFIED_PHASE" | "AUTHN" | "AUTHZ" | "STATS";
  readonly "pluginConfig"?: Readonly<Record<string, unknown>>;
  readonly "pluginName"?: string;
  readonly "priority"?: number;
  readonly "selector"?: {
    readonly "matchLabels"?: Readonly<Record<string, string>>;
  };
  readonly "sha256"?: string;
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
  readonly "type"?: "UNSPECIFIED_PLUGIN_TYPE" | "HTTP" | "NETWORK";
  readonly "url": string;
  readonly "verificationKey"?: string;
  readonly "vmConfig"?: {
    readonly "env"?: readonly ({
      readonly "name": string;
      readonly "value"?: string;
      readonly "valueFrom"?: "INLINE" | "HOST";
    })[];
  };
};
