import { extension, type Fields } from "./json.ts";

/** Ports of the service `bench`, each to a port of the app's own: both HTTP versions under both modes of mTLS. */
export const ports = {
  permissive: { "HTTP/1.1": { name: "http", port: 80, app: 8080 }, "HTTP/2": { name: "http2", port: 81, app: 8081 } },
  strict: {
    "HTTP/1.1": { name: "http-strict", port: 82, app: 8082 },
    "HTTP/2": { name: "http2-strict", port: 83, app: 8083 },
  },
} as const;

export type HttpVersion = keyof typeof ports.permissive;

const allPorts = [...Object.values(ports.permissive), ...Object.values(ports.strict)];

/** What requests and answers carry: 1 KB. */
export const body = "0123456789abcde\n".repeat(64);

export const clientPod = "client";
export const serverPod = "server";
export const clientAccount = "bench-client";
export const serverAccount = "bench-server";

/**
 * A mesh of two pods: `client`, where the load generator is started, and `server`, whose app is an Envoy that waits for the request's
 * body and answers with one of its own: no app that does anything at all costs less, or varies less.
 */
export function meshInput(envoy: string): string {
  const labels = (app: string) => ({ app, "sidecar.istio.io/inject": "true" });
  const pod = (name: string, serviceAccountName: string, command: string[]) => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default", labels: labels(name) },
    spec: { serviceAccountName, containers: [{ name: "app", command }] },
  });
  const app = [envoy, "--disable-hot-restart", "--concurrency", "1", "-l", "error"];
  return documents([
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "bench", namespace: "default" },
      spec: {
        selector: { app: serverPod },
        ports: allPorts.map(({ name, port, app: targetPort }) => ({ name, port, targetPort })),
      },
    },
    {
      apiVersion: "security.istio.io/v1",
      kind: "PeerAuthentication",
      metadata: { name: "strict-ports", namespace: "default" },
      spec: {
        selector: { matchLabels: { app: serverPod } },
        mtls: { mode: "PERMISSIVE" },
        portLevelMtls: Object.fromEntries(Object.values(ports.strict).map(({ app }) => [app, { mode: "STRICT" }])),
      },
    },
    pod(clientPod, clientAccount, []),
    pod(serverPod, serverAccount, [...app, "--config-yaml", JSON.stringify(appConfig())]),
  ]);
}

/** One file of several documents; JSON is YAML. */
export function documents(objects: readonly object[]): string {
  return objects.map((object) => `---\n${JSON.stringify(object)}\n`).join("");
}

function appConfig(): Fields {
  const answer = {
    match: { prefix: "/" },
    direct_response: { status: 200, body: { inline_string: body } },
  };
  const manager = extension(
    "envoy.filters.network.http_connection_manager",
    "extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
    {
      stat_prefix: "app",
      generate_request_id: false,
      http_filters: [
        extension("envoy.filters.http.buffer", "extensions.filters.http.buffer.v3.Buffer", {
          max_request_bytes: 65_536,
        }),
        extension("envoy.filters.http.router", "extensions.filters.http.router.v3.Router"),
      ],
      route_config: { virtual_hosts: [{ name: "app", domains: ["*"], routes: [answer] }] },
    },
  );
  return {
    static_resources: {
      listeners: allPorts.map(({ name, app }) => ({
        name,
        address: { socket_address: { address: "0.0.0.0", port_value: app } },
        filter_chains: [{ filters: [manager] }],
      })),
    },
  };
}
