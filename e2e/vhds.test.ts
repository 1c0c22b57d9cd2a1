import { documents } from "./echo-services.ts";
import { echoPod, echoService, expectNoRejections, startMesh, waitFor, type TestMesh } from "./harness/index.ts";

/** A host that no service has, so that only this policy knows it. */
const hostPolicy = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: away, namespace: default }
spec:
  hosts: [away.example]
  http: [{ directResponse: { status: 299, body: { string: away } } }]
`;

let mesh: TestMesh;

/** Two ports, so two route configurations; the second has a service of its own. The app listens on 80: it is also reached without a service. */
beforeAll(async () => {
  const app = echoPod({ name: "reviews-v1", app: "reviews", env: { PORT: 80 } });
  const first = echoService({ name: "reviews", ports: { http: [80] } });
  const second = echoService({ name: "reviews-too", app: "reviews", ports: { http: [9090, 80] } });
  mesh = await startMesh({ yaml: documents(echoPod({ name: "web" }), app, first, second) });
  await waitFor("the app to answer", async () => (await request("http://reviews/")) === 200);
});

afterAll(async () => {
  await mesh.close();
});

async function request(url: string, host?: string, from = "web"): Promise<number | undefined> {
  const { answers } = await mesh.request(from, url, host === undefined ? {} : { headers: { host } });
  return answers[0]?.status;
}

/** What a sidecar answers to a request for a host; one that it does not know goes to the app by its address. */
function status(host: string, from?: string): Promise<number | undefined> {
  return request(`http://${mesh.addressOf("reviews-v1")}/`, host, from);
}

interface RoutesDump {
  readonly configs: readonly {
    readonly dynamic_route_configs?: readonly {
      readonly route_config: { readonly name: string; readonly virtual_hosts?: readonly { readonly name: string }[] };
    }[];
  }[];
}

/** Virtual hosts by route configuration. */
async function virtualHosts(): Promise<Record<string, string[]>> {
  const dump = JSON.parse(await mesh.admin("web", "/config_dump?resource=&mask=")) as RoutesDump;
  const all = dump.configs.flatMap(({ dynamic_route_configs = [] }) => dynamic_route_configs);
  return Object.fromEntries(
    all.map(({ route_config: { name, virtual_hosts = [] } }) => [name, virtual_hosts.map((host) => host.name).sort()]),
  );
}

it("each route configuration gets its own virtual hosts, also the one for hosts that nobody knows", async () => {
  await waitFor("the second port to answer", async () => (await request("http://reviews-too:9090/")) === 200);
  const hosts = await virtualHosts();
  expect(hosts["80"]).toEqual(["80/allow_any", "80/reviews.default.svc.cluster.local"]);
  expect(hosts["9090"]).toEqual(["9090/allow_any", "9090/reviews-too.default.svc.cluster.local"]);
});

it("a virtual host that is removed is gone in Envoy: its requests are nobody's again", async () => {
  expect(await status("away.example")).toBe(200); // allow_any: to where the address leads
  await mesh.applyPolicy(hostPolicy);
  expect(await status("away.example")).toBe(299);
  await mesh.removePolicy("virtualservice-default-away.yaml");
  await waitFor("the virtual host to be gone", async () => (await status("away.example")) === 200);
  expect((await virtualHosts())["80"]).not.toContain("80/away.example");
});

it("a host that was removed and comes back is routed again", async () => {
  await mesh.applyPolicy(hostPolicy);
  expect(await status("away.example")).toBe(299);
});

async function pushes(): Promise<Record<string, string>> {
  const token = await mesh.exec("web", ["cat", `${mesh.stateDirectory}/admin.token`]);
  const { answers } = await mesh.requestFromOutside("http://127.0.0.1:15080/metrics", {
    headers: { authorization: `Bearer ${token}` },
  });
  const lines = (answers[0]?.text ?? "").split("\n").filter((line) => line.startsWith("heddle_xds_pushes_total{"));
  return Object.fromEntries(lines.map((line) => line.split(" ") as [string, string]));
}

it("a dead control plane leaves every route in place, and a reconnect brings none of them again", async () => {
  const before = await mesh.envoyStats("web", "\\.(rds|vhds)\\..*config_reload$");
  await mesh.kill9();
  expect(await status("away.example")).toBe(299);
  expect(await request("http://reviews/")).toBe(200);
  await mesh.controlPlane.start();
  await waitFor("all to be in line again", async () => {
    const { out } = await mesh.heddle(["status", "-o", "json"]);
    const { proxies } = JSON.parse(out) as { proxies: readonly { readonly state: string }[] };
    return proxies.length === 2 && proxies.every(({ state }) => state === "synced");
  });
  const { 'heddle_xds_pushes_total{type="sds"}': _, ...sent } = await pushes();
  expect(sent).toEqual({});
  expect(await mesh.envoyStats("web", "\\.(rds|vhds)\\..*config_reload$")).toEqual(before);
  expect(await status("away.example")).toBe(299);
});

it("listeners and route configurations that are sent anew keep their virtual hosts", async () => {
  const changes = () => mesh.envoyStats("web", "^listener_manager.listener_modified$");
  const before = await changes();
  await mesh.applyPolicy(`apiVersion: v1
kind: ConfigMap
metadata: { name: istio, namespace: istio-system }
data: { mesh: "accessLogFile: /dev/null" }
`);
  expect(await changes()).not.toEqual(before);
  expect(await status("away.example")).toBe(299);
  expect(await request("http://reviews/")).toBe(200);
  expect(await request("http://reviews-too:9090/")).toBe(200);
});

it("nothing was refused", () => expectNoRejections(mesh));

describe("a virtual host that is refused from the first", () => {
  const refused = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: odd, namespace: default }
spec:
  hosts: [odd.example]
  http:
    - match: [{ uri: { regex: '/\\p{Foo}' } }]
      directResponse: { status: 299 }
`;

  it("opens nothing: other hosts are routed as they were, also in a sidecar that starts now", async () => {
    await mesh.writePolicy("odd.yaml", refused);
    await waitFor("the refusal", async () => (await mesh.heddle(["status"])).out.includes("80/odd.example"));
    expect(await status("away.example")).toBe(299);
    await mesh.writePolicy("late.yaml", echoPod({ name: "late" }));
    await mesh.updateWorkloads();
    expect(await status("away.example", "late")).toBe(299);
    expect(await request("http://reviews/", undefined, "late")).toBe(200);
    expect(await request("http://reviews-too:9090/", undefined, "late")).toBe(200);
    await mesh.removePolicy("odd.yaml");
    await waitFor("nobody to refuse anything", async () => (await mesh.heddle(["status"])).status === 0);
  });
});
