import {
  echoPod,
  echoService,
  expectNoRejections,
  gatewayPod,
  meshConfig,
  policy,
  startMesh,
  startVm,
  type Summary,
  type TestMesh,
  waitFor,
} from "./harness/index.ts";

const network = (name: string) => ({ "topology.istio.io/network": name });

/** Of one service a pod here and one there, and a gateway into each network. The networks are one: rules in the pods part them. */
const pods = [
  echoPod({ name: "client", labels: network("here") }),
  echoPod({ name: "cart-here", app: "cart", version: "here", labels: network("here") }),
  echoPod({ name: "cart-there", app: "cart", version: "there", labels: network("there") }),
  echoPod({ name: "returning", labels: network("there") }),
  gatewayPod({ name: "into-there", istio: "there", labels: network("there") }),
  gatewayPod({ name: "into-here", istio: "here", labels: network("here") }),
  echoService({ name: "cart" }),
];

const eastWest = (name: string): string =>
  policy("Gateway", `into-${name}`, {
    selector: { istio: name },
    servers: [
      {
        port: { number: 15_443, name: "tls", protocol: "TLS" },
        hosts: ["*.local"],
        tls: { mode: "AUTO_PASSTHROUGH" },
      },
    ],
  });

let mesh: TestMesh;
let settings: () => string;

beforeAll(async () => {
  mesh = await startMesh({ yaml: pods.join("") });
  const gateways = (name: string): object => ({
    gateways: [{ address: mesh.addressOf(`into-${name}`), port: 15_443 }],
  });
  const networks = { here: gateways("here"), there: gateways("there") };
  for (const [near, far] of [
    ["client", "cart-there"],
    ["returning", "cart-here"],
  ] as const)
    await mesh.exec(near, ["iptables", "-I", "OUTPUT", "-d", mesh.addressOf(far), "-j", "REJECT"]);
  settings = () => meshConfig({ meshNetworks: { networks } }) + eastWest("here") + eastWest("there");
  await mesh.replacePolicy(settings());
  await waitFor("the gateways", async () => (await send("client")).failed === 0);
});
afterAll(async () => {
  await expectNoRejections(mesh).finally(() => mesh.close());
});

const send = (from: string, count = 40): Promise<Summary> => mesh.request(from, "http://cart/", { count, keep: count });

/** How many requests a gateway has passed on, as connections. */
async function connectionsOf(gateway: string): Promise<number> {
  const counts = await mesh.envoyStats(gateway, "^listener\\..*15443\\.downstream_cx_total$");
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

it.each([
  ["client", "into-there", "into-here"],
  ["returning", "into-here", "into-there"],
])(
  "what is in the other network is called through its gateway, by mutual TLS as far as the pod: from %s",
  async (from, through, past) => {
    const before = await connectionsOf(past);
    const { byStatus, answers } = await send(from, 100);
    expect(byStatus).toEqual({ "200": 100 });
    const versions = answers.map(({ body }) => body?.version);
    for (const version of ["here", "there"]) {
      const share = versions.filter((one) => one === version).length / versions.length;
      expect(share).toBeGreaterThan(0.2); // half each
    }
    for (const { body } of answers)
      expect(body?.headers["x-forwarded-client-cert"]).toContain(`URI=spiffe://cluster.local/ns/default/sa/${from}`);
    expect(await connectionsOf(through)).toBeGreaterThan(0);
    expect(await connectionsOf(past)).toBe(before);
  },
);

it("a WorkloadEntry says its network too, and one in no network with gateways is called itself", async () => {
  const host = "ledger.example";
  const address = mesh.addressOf("cart-there");
  const entry = (where: object): string =>
    policy("ServiceEntry", "ledger", {
      hosts: [host],
      addresses: ["192.0.2.70"],
      location: "MESH_INTERNAL",
      resolution: "STATIC",
      ports: [{ number: 80, name: "http", protocol: "HTTP", targetPort: 8080 }],
      workloadSelector: { labels: { app: "ledger" } },
    }) +
    policy("WorkloadEntry", "ledger", {
      address,
      serviceAccount: "cart",
      labels: { app: "ledger", "security.istio.io/tlsMode": "istio" },
      ...where,
    });
  const reach = async (): Promise<Summary> => mesh.request("client", "http://192.0.2.70/", { headers: { host } });
  await mesh.applyPolicy(entry({}));
  expect((await reach()).byStatus).toEqual({ "503": 1 }); // the rules of this test part the two
  await mesh.applyPolicy(entry({ network: "there" }).replace('"ledger.example"', '"ledger.mesh.local"'));
  const far = { headers: { host: "ledger.mesh.local" } };
  const { answers } = await mesh.request("client", "http://192.0.2.70/", far);
  expect(answers[0]).toMatchObject({ status: 200, body: { version: "there" } });
});

it("an endpoint of a ServiceEntry says its network too", async () => {
  const host = "accounts.mesh.local";
  const endpoint = {
    address: mesh.addressOf("cart-there"),
    network: "there",
    ports: { http: 8080 },
    serviceAccount: "cart",
    labels: { "security.istio.io/tlsMode": "istio" },
  };
  await mesh.applyPolicy(
    policy("ServiceEntry", "accounts", {
      hosts: [host],
      addresses: ["192.0.2.71"],
      location: "MESH_INTERNAL",
      resolution: "STATIC",
      ports: [{ number: 80, name: "http", protocol: "HTTP" }],
      endpoints: [endpoint],
    }),
  );
  const { answers } = await mesh.request("client", "http://192.0.2.71/", { headers: { host } });
  expect(answers[0]).toMatchObject({ status: 200, body: { version: "there" } });
});

it("a gateway is found by its Service, too", async () => {
  const labels = network("there");
  const service = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "into-there", namespace: "default", labels },
    spec: { ports: [{ name: "tls", port: 15_443 }], externalIPs: [mesh.addressOf("into-there")] },
  };
  await mesh.replacePolicy(`---\n${JSON.stringify(service)}\n${eastWest("here")}${eastWest("there")}`);
  const before = await connectionsOf("into-there");
  await waitFor("both", async () => Object.keys((await send("client")).byVersion).length === 2);
  expect(await connectionsOf("into-there")).toBeGreaterThan(before);
  await mesh.replacePolicy(settings());
});

it("a machine that joins a WorkloadGroup is in the network that its template says, and calls others from there", async () => {
  const machine = await startVm(mesh, "machine", "10.244.0.61");
  await machine.start("app", "echo.mjs", { PORT: "8080", SERVICE: "machine", VERSION: "joined" });
  await mesh.exec("client", ["iptables", "-I", "OUTPUT", "-d", machine.address, "-j", "REJECT"]);
  const host = "machines.mesh.local";
  await mesh.applyPolicy(
    policy("WorkloadGroup", "machines", {
      metadata: { labels: { app: "machine" } },
      template: { network: "there", serviceAccount: "machine", ports: { http: 8080 } },
    }) +
      policy("ServiceEntry", "machines", {
        hosts: [host],
        addresses: ["192.0.2.72"],
        location: "MESH_INTERNAL",
        resolution: "STATIC",
        ports: [{ number: 80, name: "http", protocol: "HTTP" }],
        workloadSelector: { labels: { app: "machine" } },
      }),
  );
  await machine.join({ group: "machines", serviceAccount: "machine" });
  const reach = (): Promise<Summary> => mesh.request("client", "http://192.0.2.72/", { headers: { host } });
  const answer = await waitFor("the machine", async () => {
    const [first] = (await reach()).answers;
    return first?.status === 200 && first;
  });
  expect(answer.body).toMatchObject({ version: "joined" });
  const before = await connectionsOf("into-here");
  const { byStatus, byVersion } = await machine.request("http://cart/", { count: 20 });
  expect(byStatus).toEqual({ "200": 20 });
  expect(Object.keys(byVersion).sort()).toEqual(["here", "there"]);
  expect(await connectionsOf("into-here")).toBeGreaterThan(before);
  await machine.leave();
});
