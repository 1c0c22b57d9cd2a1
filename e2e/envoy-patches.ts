/** What goes into the `typed_config` of a filter of Envoy's: `type` is what follows `envoy.extensions.filters.` */
export function typed(type: string, more: object = {}): { readonly typed_config: object } {
  return { typed_config: { "@type": `type.googleapis.com/envoy.extensions.filters.${type}`, ...more } };
}

/** One entry of an EnvoyFilter's `configPatches`. */
export function patch(applyTo: string, operation: string, match: object, value?: object): object {
  return { applyTo, match, patch: { operation, ...(value && { value }) } };
}

/** YAML of an EnvoyFilter for the pods of an app. */
export function patches(app: string, configPatches: readonly object[]): string {
  const metadata = { name: "patches", namespace: "default" };
  const spec = { workloadSelector: { labels: { app } }, configPatches };
  return `---\n${JSON.stringify({ apiVersion: "networking.istio.io/v1alpha3", kind: "EnvoyFilter", metadata, spec })}\n`;
}
