// Written by scripts/generate/spec-types.ts from generated/schemas. Do not edit.
export type WorkloadEntrySpec = {
  readonly "address"?: string;
  readonly "labels"?: Readonly<Record<string, string>>;
  readonly "locality"?: string;
  readonly "network"?: string;
  readonly "ports"?: Readonly<Record<string, number>>;
  readonly "serviceAccount"?: string;
  readonly "weight"?: number;
};
