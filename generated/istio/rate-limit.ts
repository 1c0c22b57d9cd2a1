// Written by scripts/generate/spec-types.ts from generated/schemas. Do not edit.
export type RateLimitSpec = {
  readonly "selector"?: {
    readonly "matchLabels"?: Readonly<Record<string, string>>;
  };
  readonly "targetRefs"?: readonly ({
    readonly "group": string;
    readonly "kind": string;
    readonly "name": string;
  })[];
  readonly "mode"?: "ENFORCE" | "SHADOW";
  readonly "rules": readonly ({
    readonly "name"?: string;
    readonly "match"?: {
      readonly "uri"?: {
        readonly "exact"?: string;
        readonly "prefix"?: string;
        readonly "regex"?: string;
      };
      readonly "method"?: {
        readonly "exact"?: string;
        readonly "prefix"?: string;
        readonly "regex"?: string;
      };
      readonly "authority"?: {
        readonly "exact"?: string;
        readonly "prefix"?: string;
        readonly "regex"?: string;
      };
      readonly "headers"?: Readonly<Record<string, {
        readonly "exact"?: string;
        readonly "prefix"?: string;
        readonly "regex"?: string;
      }>>;
      readonly "port"?: number;
      readonly "route"?: string;
    };
    readonly "per"?: "PRINCIPAL" | "SOURCE_IP";
    readonly "perHeader"?: string;
    readonly "limit"?: {
      readonly "requests": number;
      readonly "interval": string;
      readonly "burst"?: number;
    };
  })[];
  readonly "global"?: {
    readonly "service": string;
    readonly "domain": string;
    readonly "failureMode"?: "ALLOW" | "DENY";
    readonly "timeout"?: string;
  };
};
