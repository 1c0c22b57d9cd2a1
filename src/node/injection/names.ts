/** The words that injected pods share with the rest of the mesh. A name, once out, stays: running pods carry it. */
export const names = {
  init: "istio-init",
  proxy: "istio-proxy",
  bootstrapVolume: "heddle-envoy",
  tokenVolume: "heddle-token",
  rootVolume: "heddle-ca-root-cert", // also the name of the ConfigMap
} as const;

/** Where an injected proxy finds its files. */
export const paths = {
  bootstrapDir: "/etc/heddle/envoy",
  bootstrap: "/etc/heddle/envoy/bootstrap.json",
  tokenSecret: "/etc/heddle/envoy/token-secret.json",
  rootSecret: "/etc/heddle/envoy/root-secret.json",
  tokenDir: "/var/run/secrets/tokens",
  token: "/var/run/secrets/tokens/heddle-token",
  rootDir: "/var/run/secrets/heddle",
  root: "/var/run/secrets/heddle/root-cert.pem",
} as const;

/** Annotations and labels: https://istio.io/latest/docs/reference/config/annotations/ and our own. */
export const marks = {
  inject: "sidecar.istio.io/inject",
  status: "sidecar.istio.io/status", // JSON: what was injected; its presence makes injection a no-op
  bootstrap: "heddle.io/bootstrap",
  tokenSecret: "heddle.io/token-secret",
  rootSecret: "heddle.io/root-secret",
  tlsMode: "security.istio.io/tlsMode",
  canonicalName: "service.istio.io/canonical-name",
  canonicalRevision: "service.istio.io/canonical-revision",
  revision: "istio.io/rev",
  defaultContainer: "kubectl.kubernetes.io/default-container",
  defaultLogs: "kubectl.kubernetes.io/default-logs-container",
} as const;

/** The proxy's user and group: whose traffic is not taken over. */
export const proxyUser = 1337;

/** Istio's agent answers the kubelet's probes of the app here; ours is a listener of Envoy. */
export const probePort = 15_020;
