import {
  echoPod,
  echoService,
  gatewayPod,
  gatewayService,
  meshForSuite,
  waitFor,
  type Summary,
} from "./harness/index.ts";

const mesh = meshForSuite({
  yaml: [
    gatewayPod({ name: "edge", namespace: "edge" }),
    gatewayService({ name: "edge", namespace: "edge", ports: { http: [80, 8080], admin: [9000, 9000] } }),
    echoPod({ name: "cart" }),
    echoPod({ name: "cart-v2", app: "cart", version: "v2" }),
    echoService({ name: "cart" }),
    echoPod({ name: "stock" }),
    echoService({ name: "stock" }),
    echoPod({ name: "client" }),
  ].join(""),
});

const gateway = (name: string, servers: object[], namespace = "default"): string =>
  `---\n${JSON.stringify({
    apiVersion: "networking.istio.io/v1",
    kind: "Gateway",
    metadata: { name, namespace },
    spec: { selector: { istio: "ingressgateway" }, servers },
  })}\n`;

const virtualService = (name: string, spec: object, namespace = "default"): string =>
  `---\n${JSON.stringify({
    apiVersion: "networking.istio.io/v1",
    kind: "VirtualService",
    metadata: { name, namespace },
    spec,
  })}\n`;

const to = (host: string, more: object = {}): object => ({ route: [{ destination: { host } }], ...more });
const http = (hosts: string[], more: object = {}): object => ({
  port: { number: 80, name: "http", protocol: "HTTP" },
  hosts,
  ...more,
});

/** From outside the mesh: no sidecar, no certificate. */
const ask = (host: string, path = "/", port = 8080): Promise<Summary> =>
  mesh().requestFromOutside(`http://${mesh().addressOf("edge.edge")}:${port}${path}`, {
    headers: { host },
    keepAlive: false,
  });
const serviceOf = async (answer: Promise<Summary>): Promise<unknown> => {
  const [first] = (await answer).answers;
  return first?.body?.service ?? first?.status;
};

it("HTTP: a host that a server and a VirtualService have in common is answered, any other gets 404", async () => {
  await mesh().replacePolicy(
    gateway("edge", [http(["shop.example.com", "*.shop.example.com"])]) +
      virtualService("cart", {
        hosts: ["shop.example.com", "www.shop.example.com"],
        gateways: ["edge"],
        http: [to("cart")],
      }) +
      virtualService("stock", { hosts: ["stock.example.com"], gateways: ["edge"], http: [to("stock")] }) +
      virtualService("mesh", { hosts: ["api.shop.example.com"], http: [to("stock")] }),
  );
  await waitFor("the gateway to listen", async () => (await ask("shop.example.com")).ok === 1);
  expect(await serviceOf(ask("shop.example.com"))).toBe("cart");
  expect(await serviceOf(ask("www.shop.example.com:8080"))).toBe("cart");
  expect(await serviceOf(ask("stock.example.com"))).toBe(404);
  expect(await serviceOf(ask("api.shop.example.com"))).toBe(404);
  expect(await serviceOf(ask("10.0.0.1"))).toBe(404);
});

it("calls the mesh with the gateway's own identity, and says who called it", async () => {
  const { answers } = await mesh().requestFromOutside(`http://${mesh().addressOf("edge.edge")}:8080/`, {
    headers: {
      host: "shop.example.com",
      "x-forwarded-client-cert": "By=spiffe://forged",
      "x-forwarded-for": "1.2.3.4",
    },
  });
  const headers = answers[0]?.body?.headers ?? {};
  expect(headers["x-forwarded-client-cert"]).toContain("URI=spiffe://cluster.local/ns/edge/sa/edge");
  expect(headers["x-forwarded-client-cert"]).not.toContain("forged");
  expect(headers["x-forwarded-for"]).toBe(`1.2.3.4,${mesh().outsideAddress}`);
});

it("merges the routes of several VirtualServices for a host, those that match everything last", async () => {
  await mesh().replacePolicy(
    gateway("edge", [http(["shop.example.com"])]) +
      virtualService("a-all", { hosts: ["shop.example.com"], gateways: ["edge"], http: [to("cart")] }) +
      virtualService("b-stock", {
        hosts: ["shop.example.com"],
        gateways: ["edge"],
        http: [to("stock", { match: [{ uri: { prefix: "/stock" } }] })],
      }),
  );
  expect(await serviceOf(ask("shop.example.com", "/stock"))).toBe("stock");
  expect(await serviceOf(ask("shop.example.com", "/else"))).toBe("cart");
});

it("a canary at the edge: weights and subsets", async () => {
  const route = [
    { destination: { host: "cart", subset: "v1" }, weight: 50 },
    { destination: { host: "cart", subset: "v2" }, weight: 50 },
  ];
  const subsets = ["v1", "v2"].map((version) => ({ name: version, labels: { version } }));
  await mesh().replacePolicy(
    gateway("edge", [http(["*"])]) +
      virtualService("cart", { hosts: ["*"], gateways: ["edge"], http: [{ route }] }) +
      `---\n${JSON.stringify({
        apiVersion: "networking.istio.io/v1",
        kind: "DestinationRule",
        metadata: { name: "cart" },
        spec: { host: "cart", subsets },
      })}\n`,
  );
  const { byVersion } = await mesh().requestFromOutside(`http://${mesh().addressOf("edge.edge")}:8080/`, {
    count: 200,
    headers: { host: "any.example" },
  });
  expect(Object.keys(byVersion).sort()).toEqual(["v1", "v2"]);
  expect(byVersion["v1"]).toBeGreaterThan(60);
  expect(byVersion["v2"]).toBeGreaterThan(60);
});

it("httpsRedirect: 301 to the same place in TLS, also where no VirtualService answers", async () => {
  await mesh().replacePolicy(
    gateway("edge", [http(["secure.example.com", "empty.example.com"], { tls: { httpsRedirect: true } })]) +
      virtualService("cart", { hosts: ["secure.example.com"], gateways: ["edge"], http: [to("cart")] }),
  );
  for (const host of ["secure.example.com", "empty.example.com"]) {
    const { answers } = await ask(host, "/a?b=c");
    expect(answers[0]).toMatchObject({ status: 301, headers: { location: `https://${host}/a?b=c` } });
  }
});

it("a VirtualService for mesh and gateway: rules tell by match.gateways where they apply", async () => {
  await mesh().replacePolicy(
    gateway("edge", [http(["cart.default.svc.cluster.local"])], "edge") +
      virtualService("cart", {
        hosts: ["cart.default.svc.cluster.local"],
        gateways: ["mesh", "edge/edge"],
        http: [
          { match: [{ gateways: ["edge/edge"] }], directResponse: { status: 218 } },
          { match: [{ gateways: ["mesh"] }], directResponse: { status: 219 } },
        ],
      }),
  );
  expect(await serviceOf(ask("cart.default.svc.cluster.local"))).toBe(218);
  expect((await mesh().request("client", "http://cart/")).byStatus).toEqual({ 219: 1 });
});

it("hosts by namespace: a server answers to VirtualServices of the namespaces it names only", async () => {
  const thief = virtualService(
    "thief",
    { hosts: ["shop.example.com"], gateways: ["default/edge"], http: [to("stock.default.svc.cluster.local")] },
    "other",
  );
  await mesh().replacePolicy(gateway("edge", [http(["./shop.example.com"])]) + thief);
  expect(await serviceOf(ask("shop.example.com"))).toBe(404);
  await mesh().replacePolicy(gateway("edge", [http(["other/shop.example.com"])]) + thief);
  expect(await serviceOf(ask("shop.example.com"))).toBe("stock");
});

it("TCP: bytes of a port go where the tcp rule says", async () => {
  await mesh().replacePolicy(
    gateway("edge", [{ port: { number: 9000, name: "tcp", protocol: "TCP" }, hosts: ["*"] }]) +
      virtualService("cart", {
        hosts: ["*"],
        gateways: ["edge"],
        tcp: [{ match: [{ port: 9000 }], route: [{ destination: { host: "stock", port: { number: 80 } } }] }],
      }),
  );
  expect(await serviceOf(ask("whatever", "/", 9000))).toBe("stock");
});

it("a Gateway that is removed is not listened for any more", async () => {
  await mesh().replacePolicy(
    gateway("edge", [http(["*"])]) + virtualService("cart", { hosts: ["*"], gateways: ["edge"], http: [to("cart")] }),
  );
  expect(await serviceOf(ask("any.example"))).toBe("cart");
  await mesh().replacePolicy();
  await waitFor(
    "the port to be closed",
    async () => Object.keys((await ask("any.example")).errors)[0] === "ECONNREFUSED",
  );
});
