// Written by scripts/generate/spec-types.ts from generated/schemas. Do not edit.
export type ServiceEntrySpec = {
  readonly "addresses"?: readonly (string)[];
  readonly "endpoints"?: readonly ({
    readonly "address"?: string;
    readonly "labels"?: Readonly<Record<string, string>>;
    readonly "locality"?: string;
    readonly "network"?: string;
    readonly "ports"?: Readonly<Record<string, number>>;
    readonly "serviceAccount"?: string;
    readonly "weight"?: number;
  })[];
  readonly "exportTo"?: readonly (string)[];
  readonly "hosts": readonly (string)[];
  readonly "location"?: "MESH_EXTERNAL" | "MESH_INTERNAL";
  readonly "ports"?: readonly ({
    readonly "name": string;
    readonly "number": number;
    readonly "protocol"?: string;
    readonly "targetPort"?: number;
  })[];
  readonly "resolution"?: "NONE" | "STATIC" | "DNS" | "DNS_ROUND_ROBIN" | "DYNAMIC_DNS";
  readonly "subjectAltNames"?: readonly (string)[];
  readonly "workloadSelector"?: {
    readonly "labels"?: Readonly<Record<string, string>>;
  };
};
