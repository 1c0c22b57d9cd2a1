// Written by scripts/generate/spec-types.ts from generated/schemas. Do not edit.
export type RequestAuthenticationSpec = {
  readonly "jwtRules"?: readonly ({
    readonly "audiences"?: readonly (string)[];
    readonly "forwardOriginalToken"?: boolean;
    readonly "fromCookies"?: readonly (string)[];
    readonly "fromHeaders"?: readonly ({
      readonly "name": string;
      readonly "prefix"?: string;
    })[];
    readonly "fromParams"?: readonly (string)[];
    readonly "issuer"?: string;
    readonly "jwks"?: string;
    readonly "jwks_uri"?: string;
    readonly "jwksUri"?: string;
    readonly "outputClaimToHeaders"?: readonly ({
      readonly "claim": string;
      readonly "header": string;
    })[];
    readonly "outputPayloadToHeader"?: string;
    readonly "spaceDelimitedClaims"?: readonly (string)[];
    readonly "timeout"?: string;
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
};
