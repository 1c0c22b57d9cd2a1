// Written by scripts/generate/spec-types.ts from generated/schemas. Do not edit.
export type ProxyConfigSpec = {
  readonly "concurrency"?: number;
  readonly "environmentVariables"?: Readonly<Record<string, string>>;
  readonly "image"?: {
    readonly "imageType"?: string;
  };
  readonly "selector"?: {
    readonly "matchLabels"?: Readonly<Record<string, string>>;
  };
};
