import { documents } from "./echo-services.ts";
import { echoPod, echoService, expectNoRejections, startMesh, waitFor, type TestMesh } from "./harness/index.ts";

const annotations = { "heddle.io/on-demand-clusters": "enabled" };

/** Services that nobody calls before a test does. */
const cold = ["first", "second", "third", "mirrored", "shadow", "split", "parted", "never"];

const policy = `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: split, namespace: default }
spec:
  host: split
  subsets: [{ name: v1, labels: { version: v1 } }, { name: v2, labels: { version: v2 } }]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: split, namespace: default }
spec:
  hosts: [split]
  http:
    - route:
        - { destination: { host: split, subset: v1 }, weight: 50 }
        - { destination: { host: split, subset: v2 }, weight: 50 }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: mirrored, namespace: default }
spec:
  hosts: [mirrored]
  http: [{ route: [{ destination: { host: mirrored } }], mirror: { host: shadow } }]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: parted, namespace: default }
spec:
  hosts: [parted]
  http:
    - match: [{ uri: { prefix: /there } }]
      route: [{ destination: { host: parted } }]
    - match: [{ uri: { prefix: /ghost } }]
      route: [{ destination: { host: ghost } }]
`;

let mesh: TestMesh;

beforeAll(async () => {
  const pods = [
    echoPod({ name: "web", annotations }),
    echoPod({ name: "plain" }),
    ...["v1", "v2"].map((version) => echoPod({ name: `echo-${version}`, app: "echo", version })),
  ];
  const services = cold.map((name) => echoService({ name, app: "echo", ports: { http: [80, 8080] } }));
  const tcp = echoService({ name: "bytes", app: "echo", ports: { "tcp-bytes": [9000, 8080] } });
  mesh = await startMesh({ yaml: documents(...pods, ...services, tcp, policy) });
});

afterAll(async () => {
  try {
    await expectNoRejections(mesh);
  } finally {
    await mesh.close();
  }
});

async function status(url: string, from = "web"): Promise<number | undefined> {
  return (await mesh.request(from, url)).answers[0]?.status;
}

/** The services of which a sidecar has a cluster. */
async function known(pod = "web"): Promise<string[]> {
  const text = await mesh.admin(pod, "/clusters");
  const names = [...text.matchAll(/^outbound\|\d+\|(\w*)\|([a-z]+)\.default\.svc\.cluster\.local::/gm)];
  return [...new Set(names.map(([, subset, host]) => (subset ? `${host} ${subset}` : `${host}`)))].sort();
}

async function untilSynced(): Promise<void> {
  await waitFor("all to be in line", async () => {
    const { out } = await mesh.heddle(["status", "-o", "json"]);
    const { proxies } = JSON.parse(out) as { proxies: readonly { readonly state: string }[] };
    return proxies.length === mesh.pods.length && proxies.every(({ state }) => state === "synced");
  });
}

it("a sidecar begins with the clusters that it could not ask for: those of TCP and of mirrors", async () => {
  expect(await known()).toEqual(["bytes", "shadow"]);
  expect(await known("plain")).toEqual(expect.arrayContaining(cold.toSorted()));
});

it("the first request to a service works, and the ones after it", async () => {
  expect(await status("http://first/")).toBe(200);
  expect(await known()).toEqual(["bytes", "first", "shadow"]);
  expect((await mesh.request("web", "http://first/", { count: 20 })).ok).toBe(20);
});

it("many first requests at once work, with bodies", async () => {
  const body = "x".repeat(100_000);
  const answers = await Promise.all(
    ["second", "third"].map((name) =>
      mesh.request("web", `http://${name}/`, { method: "POST", body, count: 10, concurrency: 10 }),
    ),
  );
  expect(answers.map(({ ok }) => ok)).toEqual([10, 10]);
});

it("weighted routes bring all of their clusters with the first request", async () => {
  expect(await status("http://split/")).toBe(200);
  await waitFor("both subsets", async () => (await known()).filter((name) => name.startsWith("split ")).length === 2);
  const { ok, byVersion } = await mesh.request("web", "http://split/", { count: 40 });
  expect(ok).toBe(40);
  expect(Object.keys(byVersion).sort()).toEqual(["v1", "v2"]);
});

it("a mirror gets the copy of the very first request", async () => {
  expect(await status("http://mirrored/")).toBe(200);
  await waitFor("the copy", async () => {
    const copies = await mesh.envoyStats("web", "^cluster\\.outbound.80.*shadow.*upstream_rq_200$");
    return Object.values(copies).includes(1);
  });
});

it("a request that no route takes is refused at once, and one to a service that does not exist, also the second time", async () => {
  for (const [path, expected] of [
    ["nowhere", 404],
    ["ghost", 503],
    ["ghost", 503],
    ["there", 200],
  ] as const) {
    const { answers } = await mesh.request("web", `http://parted/${path}`, { timeoutMs: 20_000 });
    expect([path, answers[0]?.status]).toEqual([path, expected]);
  }
  expect(await known()).toContain("ghost"); // a cluster without endpoints, for which no request waits
});

it("a host that the mesh does not know goes where its address leads", async () => {
  await mesh.startOutside(8099);
  expect(await status(`http://${mesh.outsideAddress}:8099/`)).toBe(200);
  expect(await status(`http://${mesh.addressOf("echo-v1")}:8080/`)).toBe(200);
});

describe("a service that goes and comes back while routes name it", () => {
  const service = echoService({ name: "fickle", app: "echo", ports: { http: [80, 8080] } });
  const route = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: to-fickle, namespace: default }
spec:
  hosts: [fickle.example]
  http: [{ route: [{ destination: { host: fickle } }] }]
`;
  const call = async () => {
    const { answers } = await mesh.request("web", `http://${mesh.addressOf("echo-v1")}/`, {
      headers: { host: "fickle.example" },
      timeoutMs: 20_000,
    });
    return answers[0]?.status;
  };

  it("is refused while it is away, and served without help when it is back", async () => {
    await mesh.writePolicy("fickle.yaml", service);
    await mesh.applyPolicy(route);
    expect(await call()).toBe(200);
    await mesh.removePolicy("fickle.yaml");
    await waitFor("the refusal", async () => (await call()) === 503);
    await mesh.writePolicy("fickle.yaml", service);
    await waitFor("the service", async () => (await call()) === 200);
  });
});

it("a route that moves a used service to another cluster brings that cluster first", async () => {
  const load = mesh.startLoad("web", "http://first/", { ratePerSecond: 50 });
  const rule = (name: string, spec: string) =>
    `apiVersion: networking.istio.io/v1\nkind: ${name}\nmetadata: { name: first, namespace: default }\nspec: ${spec}\n`;
  const subsets = "{ host: first, subsets: [{ name: v2, labels: { version: v2 } }] }";
  const route = "{ hosts: [first], http: [{ route: [{ destination: { host: first, subset: v2 } }] }] }";
  await mesh.applyPolicy(`${rule("DestinationRule", subsets)}---\n${rule("VirtualService", route)}`);
  await waitFor("the subset alone to answer", async () => {
    const { byVersion } = await mesh.request("web", "http://first/", { count: 10 });
    return byVersion["v2"] === 10;
  });
  const { failed, errors } = await load.stop();
  expect([failed, errors]).toEqual([0, {}]);
  expect(await known()).toContain("first v2");
});

it("the next sidecar of the same service account begins with what the first has asked for", async () => {
  await mesh.writePolicy("web-2.yaml", echoPod({ name: "web-2", app: "web", annotations }));
  await mesh.updateWorkloads();
  expect(await known("web-2")).toEqual(expect.arrayContaining(["first", "first v2", "second", "split v1", "split v2"]));
  expect(await known("web-2")).not.toContain("never");
});

describe("without a control plane", () => {
  it("used services go on working, and its return brings nothing that is not new", async () => {
    await untilSynced();
    const before = await known();
    await mesh.kill9();
    for (const name of ["first", "second", "split"]) {
      expect((await mesh.request("web", `http://${name}/`, { count: 10 })).ok).toBe(10);
    }
    await mesh.controlPlane.start();
    await untilSynced();
    const token = await mesh.exec("web", ["cat", `${mesh.stateDirectory}/admin.token`]);
    const { answers } = await mesh.requestFromOutside("http://127.0.0.1:15080/metrics", {
      headers: { authorization: `Bearer ${token}` },
    });
    const pushed = [...(answers[0]?.text ?? "").matchAll(/^heddle_xds_pushes_total\{type="(\w+)"\}/gm)];
    expect(pushed.map(([, type]) => type)).toEqual(["sds"]);
    expect(await known()).toEqual(before);
  });

  it("changes reach the clusters that a sidecar had before", async () => {
    const policy = "{ host: second, trafficPolicy: { connectionPool: { http: { http1MaxPendingRequests: 77 } } } }";
    await mesh.applyPolicy(
      `apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: { name: second, namespace: default }\nspec: ${policy}\n`,
    );
    expect(await mesh.admin("web", "/clusters?filter=second")).toContain("default_priority::max_pending_requests::77");
  });

  it("a service that was never used is refused, and served when the control plane is back", async () => {
    await mesh.kill9();
    const { answers } = await mesh.request("web", "http://never/", { timeoutMs: 30_000 });
    expect(answers[0]?.status).toBe(503);
    expect(await status(`http://${mesh.outsideAddress}:8099/`)).toBe(200);
    expect(await status("http://parted/nowhere")).toBe(404); // it asks for nothing, so it does not wait
    await mesh.controlPlane.start();
    await waitFor("the service", async () => (await status("http://never/")) === 200, { timeoutMs: 60_000 });
    expect((await mesh.request("web", "http://never/", { count: 20 })).ok).toBe(20);
    await untilSynced();
  });
});

it("a namespace that is switched over loses no request, nor do its sidecars lose what they have", async () => {
  const before = await known("plain");
  const listeners = await mesh.envoyStats("plain", "^listener_manager.lds.update_success$");
  const load = mesh.startLoad("plain", "http://third/", { ratePerSecond: 50 });
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "default", annotations } };
  await mesh.applyPolicy(JSON.stringify(namespace));
  expect(await mesh.admin("plain", "/config_dump?resource=dynamic_route_configs")).toContain("PerRouteConfig");
  await mesh.applyPolicy(echoService({ name: "newcomer", app: "echo", ports: { http: [80, 8080] } }));
  expect(await known("plain")).toEqual(before);
  const { ok } = await mesh.request("plain", `http://${mesh.addressOf("echo-v1")}/`, { headers: { host: "newcomer" } });
  expect(ok).toBe(1);
  expect(await known("plain")).toEqual([...before, "newcomer"].sort());
  const { failed, errors } = await load.stop();
  expect([failed, errors]).toEqual([0, {}]);
  expect(await mesh.envoyStats("plain", "^listener_manager.lds.update_success$")).toEqual(listeners);
});
