import { clientPod, documents, echoService } from "./echo-services.ts";
import { startMesh, waitFor, type TestMesh } from "./harness/index.ts";

const server = "http://server:8080/";

const filter = (name: string, patches: string): string => `apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: { name: ${name}, namespace: default }
spec:
  workloadSelector: { labels: { app: ${name.startsWith("client") ? "client" : "server"} } }
  configPatches:
${patches}`;

/** A script in front of the router of the server's sidecar. */
const lua = (name: string, source: string): string =>
  filter(
    `server-${name}`,
    `    - applyTo: HTTP_FILTER
      match:
        context: SIDECAR_INBOUND
        listener:
          portNumber: 8080
          filterChain: { filter: { name: envoy.filters.network.http_connection_manager, subFilter: { name: envoy.filters.http.router } } }
      patch:
        operation: INSERT_BEFORE
        value:
          name: lua-${name}
          typed_config:
            "@type": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua
            default_source_code: { inline_string: "${source}" }
`,
  );

const marking = (mark: string): string =>
  lua("mark", `function envoy_on_response(handle) handle:headers():add('x-mark', '${mark}') end`);

let mesh: TestMesh;

beforeAll(async () => {
  mesh = await startMesh({ yaml: documents(clientPod("client"), echoService("server")) });
  await waitFor("the app to answer", async () => (await mesh.request("client", server)).ok === 1);
});

afterAll(() => mesh.close());

async function headers(): Promise<Readonly<Record<string, string>>> {
  const { answers } = await mesh.request("client", server);
  return answers[0]?.headers ?? {};
}

async function rejections(): Promise<number> {
  const stats = await mesh.envoyStats("server-v1", "update_rejected$");
  return Object.values(stats).reduce((sum, value) => sum + value, 0);
}

it("lets a script change the answers of a server, and follows its changes", async () => {
  await mesh.applyPolicy(marking("one"));
  await waitFor("the header", async () => (await headers())["x-mark"] === "one");
  await mesh.applyPolicy(marking("two"));
  await waitFor("the other header", async () => (await headers())["x-mark"] === "two");
});

it("merges into a cluster and into its virtual host, which travels alone", async () => {
  const host = "server.default.svc.cluster.local";
  await mesh.applyPolicy(
    filter(
      "client-merge",
      `    - applyTo: CLUSTER
      match: { context: SIDECAR_OUTBOUND, cluster: { service: ${host}, portNumber: 8080 } }
      patch: { operation: MERGE, value: { alt_stat_name: patched } }
    - applyTo: VIRTUAL_HOST
      match: { context: SIDECAR_OUTBOUND, routeConfiguration: { vhost: { name: "${host}:8080" } } }
      patch:
        operation: MERGE
        value: { response_headers_to_add: [{ header: { key: x-host, value: patched } }] }
`,
    ),
  );
  await waitFor("the header", async () => (await headers())["x-host"] === "patched");
  await waitFor("the statistics under the other name", async () => {
    const stats = await mesh.envoyStats("client", "cluster.patched.upstream_rq_total");
    return Object.values(stats).some((requests) => requests > 0);
  });
});

it("leaves out what Envoy refuses, says so with its line, and goes on with all other filters and policies", async () => {
  const before = await rejections();
  await mesh.applyPolicy(lua("broken", "function end"));
  await waitFor("the filter to be left out", async () => {
    const { out } = await mesh.heddle(["status"]);
    return /server-v1\.default: left out: EnvoyFilter default\/server-broken \(\S+:\d+\): Envoy refused it: .*script load error/.test(
      out,
    );
  });
  await mesh.applyPolicy(marking("three"));
  await waitFor("the newest header", async () => (await headers())["x-mark"] === "three");
  const refused = await rejections();
  expect(refused).toBeGreaterThan(before);
  await mesh.applyPolicy(marking("four"));
  await waitFor("the newest header", async () => (await headers())["x-mark"] === "four");
  expect(await rejections()).toBe(refused); // it is not offered again
  await mesh.applyPolicy(lua("broken", "function envoy_on_response(h) h:headers():add('x-mended', 'yes') end"));
  await waitFor("the mended filter", async () => (await headers())["x-mended"] === "yes");
  expect((await mesh.heddle(["status"])).out).not.toContain("left out");
});
