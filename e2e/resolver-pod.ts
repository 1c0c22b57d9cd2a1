/**
 * A Pod `client` whose resolver, on its loopback, knows every name and says that it is at `address`: its Envoy asks it too. Answers are good for
 * `ttl` seconds; without it, as long as the resolver likes. Its app is a web server as any.
 */
export function resolverPod({ address, ttl }: { readonly address: string; readonly ttl?: number }): string {
  const env = { ADDRESS: address, ...(ttl !== undefined && { TTL: `${ttl}` }) };
  const container = (name: string, program: string, variables: Readonly<Record<string, string>>) => ({
    name,
    command: ["node", `e2e/apps/${program}`],
    env: Object.entries(variables).map(([key, value]) => ({ name: key, value })),
  });
  const labels = { app: "client", "sidecar.istio.io/inject": "true" };
  const containers = [container("app", "echo.mjs", { PORT: "8080" }), container("dns", "dns.mjs", env)];
  const metadata = { name: "client", namespace: "default", labels };
  const spec = { serviceAccountName: "client", containers };
  return `---\n${JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata, spec })}\n`;
}
