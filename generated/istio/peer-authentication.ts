// Written by scripts/generate/spec-types.ts from generated/schemas. Do not edit.
export type PeerAuthenticationSpec = {
  readonly "mtls"?: {
    readonly "mode"?: "UNSET" | "DISABLE" | "PERMISSIVE" | "STRICT";
  };
  readonly "portLevelMtls"?: Readonly<Record<string, {
    readonly "mode"?: "UNSET" | "DISABLE" | "PERMISSIVE" | "STRICT";
  }>>;
  readonly "selector"?: {
    readonly "matchLabels"?: Readonly<Record<string, string>>;
  };
};
