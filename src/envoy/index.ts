export * from "./resource.ts";
export * from "./names.ts";
export { buildResources, type BuildOptions } from "./build.ts";
export { envoyFiltersIn } from "./envoy-filter/index.ts";
export { credentialSecrets } from "./credential-secrets.ts";
export { checkResources } from "./check.ts";
export { renderJson } from "./render.ts";
export { renderText } from "./render-text.ts";
export { decodeResource } from "./decode.ts";
