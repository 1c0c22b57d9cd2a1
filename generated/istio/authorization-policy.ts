// Written by scripts/generate/spec-types.ts from generated/schemas. Do not edit.
export type AuthorizationPolicySpec = {
  readonly "action"?: "ALLOW" | "DENY" | "AUDIT" | "CUSTOM";
  readonly "provider"?: {
    readonly "name"?: string;
  };
  readonly "rules"?: readonly ({
    readonly "from"?: readonly ({
      readonly "source"?: {
        readonly "ipBlocks"?: readonly (string)[];
        readonly "namespaces"?: readonly (string)[];
        readonly "notIpBlocks"?: readonly (string)[];
        readonly "notNamespaces"?: readonly (string)[];
        readonly "notPrincipals"?: readonly (string)[];
        readonly "notRemoteIpBlocks"?: readonly (string)[];
        readonly "notRequestPrincipals"?: readonly (string)[];
        readonly "notServiceAccounts"?: readonly (string)[];
        readonly "principals"?: readonly (string)[];
        readonly "remoteIpBlocks"?: readonly (string)[];
        readonly "requestPrincipals"?: readonly (string)[];
        readonly "serviceAccounts"?: readonly (string)[];
      };
    })[];
    readonly "to"?: readonly ({
      readonly "operation"?: {
        readonly "hosts"?: readonly (string)[];
        readonly "methods"?: readonly (string)[];
        readonly "notHosts"?: readonly (string)[];
        readonly "notMethods"?: readonly (string)[];
        readonly "notPaths"?: readonly (string)[];
        readonly "notPorts"?: readonly (string)[];
        readonly "paths"?: readonly (string)[];
        readonly "ports"?: readonly (string)[];
      };
    })[];
    readonly "when"?: readonly ({
      readonly "key": string;
      readonly "notValues"?: readonly (string)[];
      readonly "values"?: readonly (string)[];
    })[];
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
