import { echoPod, meshForSuite, policy, type Summary } from "./harness/index.ts";

const server = (version: string): string =>
  echoPod({ name: `server-${version}`, app: "server", version, env: { PORT: "8080,8081" } });
const mesh = meshForSuite({
  yaml: [
    echoPod({ name: "client", labels: { "istio-locality": "here.one", rack: "r1" } }),
    server("a"),
    server("b"),
  ].join(""),
});

const meshTls = { "security.istio.io/tlsMode": "istio" };
const nobody = { address: "10.244.0.1", ports: { http: 9609 } }; // connections are refused
let addresses = 80;

/** A host of the mesh, and a rule for it. */
function host(name: string, spec: object, rule?: object): string {
  const hostname = `${name}.example`;
  const entry = {
    hosts: [hostname],
    addresses: [`192.0.2.${++addresses}`],
    location: "MESH_INTERNAL",
    resolution: "STATIC",
    ports: [{ number: 80, name: "http", protocol: "HTTP", targetPort: 8080 }],
    ...spec,
  };
  return (
    policy("ServiceEntry", name, entry) + (rule ? policy("DestinationRule", name, { host: hostname, ...rule }) : "")
  );
}
/** Sends what is asked of a host to a subset, or tries it again. */
const routed = (name: string, rule: object, subset?: string): string =>
  policy("VirtualService", name, {
    hosts: [`${name}.example`],
    http: [{ ...rule, route: [{ destination: { host: `${name}.example`, subset } }] }],
  });
const ofVersion = { subsets: [{ name: "b", labels: { version: "b" } }] };
/** Locality plays a part only where hosts may be found to be bad; here none is. */
const outlierDetection = { consecutive5xxErrors: 0, interval: "300s" };
const byPlace = { trafficPolicy: { outlierDetection } };
const failover = (localityLbSetting: object): object => ({
  trafficPolicy: { outlierDetection, loadBalancer: { localityLbSetting } },
});

/** Endpoints that are written into the ServiceEntry. */
function inline(a: string, b: string): string[] {
  const places = [
    { address: a, locality: "elsewhere/one" },
    { address: b, locality: "there/one" },
  ];
  const racks = [
    { address: a, labels: { rack: "r2" } },
    { address: b, labels: { rack: "r1" } },
  ];
  const far = {
    endpoints: [
      { ...nobody, locality: "here/one" },
      { address: b, locality: "there/one" },
    ],
  };
  const retries = { attempts: 2, retryOn: "connect-failure" };
  return [
    host("weighted", {
      endpoints: [
        { address: a, weight: 3 },
        { address: b, weight: 1 },
      ],
    }),
    host(
      "labelled",
      {
        endpoints: [
          { address: a, labels: { version: "a" } },
          { address: b, labels: { version: "b" } },
        ],
      },
      ofVersion,
    ),
    routed("labelled", {}, "b"),
    host(
      "near",
      {
        endpoints: [
          { address: a, locality: "there/one" },
          { address: b, locality: "here/one" },
        ],
      },
      byPlace,
    ),
    host("to-elsewhere", { endpoints: places }, failover({ failover: [{ from: "here", to: "elsewhere" }] })),
    host("to-there", { endpoints: places }, failover({ failover: [{ from: "here", to: "there" }] })),
    host("own-rack", { endpoints: racks }, failover({ failoverPriority: ["rack"] })),
    host("other-rack", { endpoints: racks }, failover({ failoverPriority: ["rack=r2"] })),
    host("near-only", far, byPlace),
    routed("near-only", { retries }),
    host("near-then-far", far, byPlace),
    routed("near-then-far", { retries: { ...retries, retryRemoteLocalities: true } }),
    host("known", { endpoints: [{ address: a, serviceAccount: "server", labels: meshTls }] }),
    host("mistaken", { endpoints: [{ address: a, serviceAccount: "other", labels: meshTls }] }),
  ];
}

/** Endpoints that are WorkloadEntries. */
function selected(a: string, b: string): string[] {
  const of = (app: string): object => ({ workloadSelector: { labels: { app } } });
  const entry = (name: string, spec: object): string => policy("WorkloadEntry", name, spec);
  const [here, there] = ["here/one/x", "there/one/x"];
  return [
    entry("vm-a", {
      address: a,
      labels: { app: "vm", version: "a" },
      ports: { http: 8081 },
      weight: 3,
      locality: there,
    }),
    entry("vm-b", { address: b, labels: { app: "vm", version: "b" }, weight: 1, locality: here }),
    entry("vm-known", { address: a, labels: { app: "vm-known" }, serviceAccount: "server" }), // mTLS by that alone
    entry("vm-mistaken", { address: a, labels: { app: "vm-mistaken", ...meshTls }, serviceAccount: "other" }),
    host("vm", of("vm")),
    host("vm-labelled", of("vm"), ofVersion),
    routed("vm-labelled", {}, "b"),
    host("vm-near", of("vm"), byPlace),
    host("vm-known", of("vm-known")),
    host("vm-mistaken", of("vm-mistaken")),
  ];
}

beforeAll(async () => {
  const [a, b] = [mesh().addressOf("server-a"), mesh().addressOf("server-b")];
  await mesh().applyPolicy([...inline(a, b), ...selected(a, b)].join(""));
  await mesh().updateWorkloads(); // the names, for /etc/hosts
});

const send = (name: string, count = 20): Promise<Summary> =>
  mesh().request("client", `http://${name}.example/`, { count, keep: count });

it.each(["weighted", "vm"])("%s: endpoints get their shares by weight, 3 of 4 of 400 within 10 %", async (name) => {
  const { byVersion, ok } = await send(name, 400);
  expect(ok).toBe(400);
  expect(Math.abs((byVersion["a"] ?? 0) - 300)).toBeLessThan(40);
});

it.each(["labelled", "vm-labelled"])("%s: labels of endpoints make subsets", async (name) => {
  expect((await send(name)).byVersion).toEqual({ b: 20 });
});

it("a WorkloadEntry's own port goes before the service's", async () => {
  const { answers } = await send("vm", 20);
  const ports = new Set(answers.map(({ body }) => `${body?.version} ${body?.port}`));
  expect([...ports].sort()).toEqual(["a 8081", "b 8080"]);
});

it.each([
  ["near", "b"],
  ["vm-near", "b"],
  ["to-elsewhere", "a"],
  ["to-there", "b"],
  ["own-rack", "b"],
  ["other-rack", "a"],
])("%s: traffic goes to the endpoint that is nearest by what the rule says", async (name, version) => {
  expect((await send(name)).byVersion).toEqual({ [version]: 20 });
});

it("retryRemoteLocalities: the next retry leaves the place that does not answer", async () => {
  expect((await send("near-only")).byStatus).toEqual({ 503: 20 });
  expect((await send("near-then-far")).byVersion).toEqual({ b: 20 });
});

it.each(["known", "vm-known"])("%s: a workload is who its entry says", async (name) => {
  const { answers } = await send(name, 1);
  expect(answers[0]?.body?.headers["x-forwarded-client-cert"]).toContain("sa/client");
});

it.each(["mistaken", "vm-mistaken"])("%s: a workload that is somebody else gets no request", async (name) => {
  expect((await send(name, 1)).byStatus).toEqual({ 503: 1 });
});
