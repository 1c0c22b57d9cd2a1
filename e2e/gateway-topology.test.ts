import { converse, gatewayPod, meshConfig, meshForSuite, policy, waitFor, type Echo } from "./harness/index.ts";

/** Requests end outside of the mesh, where nothing changes their headers any more. */
const outside = { address: "10.244.0.1", port: 9321 };
const twoBefore = { "proxy.istio.io/config": "gatewayTopology: { numTrustedProxies: 2 }" };

const mesh = meshForSuite({
  yaml: [gatewayPod({ name: "plain" }), gatewayPod({ name: "inner", annotations: twoBefore })].join(""),
});

const topology = (gatewayTopology?: object): string =>
  meshConfig(gatewayTopology ? { defaultConfig: { gatewayTopology } } : { accessLogFile: "/dev/null" });
const routes =
  policy("ServiceEntry", "outside", {
    hosts: ["outside.example"],
    location: "MESH_EXTERNAL",
    resolution: "STATIC",
    ports: [{ number: 80, name: "http", protocol: "HTTP" }],
    endpoints: [{ address: outside.address, ports: { http: outside.port } }],
  }) +
  policy("Gateway", "edge", {
    selector: { istio: "ingressgateway" },
    servers: [{ port: { number: 8080, name: "http", protocol: "HTTP" }, hosts: ["*"] }],
  }) +
  policy("VirtualService", "edge", {
    hosts: ["*"],
    gateways: ["edge"],
    http: [{ route: [{ destination: { host: "outside.example", port: { number: 80 } } }] }],
  });

beforeAll(() => mesh().startOutside(outside.port));

async function headersAt(gateway: string, headers: Readonly<Record<string, string>>): Promise<Echo["headers"]> {
  const url = `http://${mesh().addressOf(gateway)}:8080/`;
  return waitFor("an answer", async () => {
    const { answers } = await mesh().requestFromOutside(url, { headers, keepAlive: false });
    return answers[0]?.body?.headers;
  });
}

const forwarded = { "x-forwarded-for": "198.51.100.1, 203.0.113.7" };
const clientOf = async (gateway: string) => (await headersAt(gateway, forwarded))["x-envoy-external-address"];

it("believes as many proxies before it as are trusted, and a pod's word goes before the mesh's", async () => {
  await mesh().replacePolicy(topology() + routes);
  expect(await clientOf("plain")).toBe(mesh().outsideAddress);
  expect(await clientOf("inner")).toBe("198.51.100.1");
  await mesh().applyPolicy(topology({ numTrustedProxies: 1 }));
  expect(await clientOf("plain")).toBe("203.0.113.7");
  expect(await clientOf("inner")).toBe("198.51.100.1");
});

it("counts each client behind trusted proxies by itself", async () => {
  const rules = [{ per: "SOURCE_IP", limit: { requests: 2, interval: "1h" } }];
  const limit = policy("RateLimit", "edge", { selector: { matchLabels: { app: "plain" } }, rules });
  await mesh().replacePolicy(topology({ numTrustedProxies: 1 }) + routes + limit);
  const url = `http://${mesh().addressOf("plain")}:8080/`;
  const ask = async (address: string) => {
    const options = { count: 3, headers: { "x-forwarded-for": address }, keepAlive: false };
    return (await mesh().requestFromOutside(url, options)).byStatus;
  };
  expect(await ask("203.0.113.7")).toEqual({ "200": 2, "429": 1 });
  expect(await ask("203.0.113.8")).toEqual({ "200": 2, "429": 1 });
});

it("passes the client's certificate header on where that is asked for, and drops it else", async () => {
  const claim = { "x-forwarded-client-cert": "By=spiffe://x;URI=spiffe://y" };
  const told = async () => (await headersAt("plain", claim))["x-forwarded-client-cert"];
  await mesh().replacePolicy(topology() + routes);
  expect(await told()).toBeUndefined();
  await mesh().applyPolicy(topology({ forwardClientCertDetails: "ALWAYS_FORWARD_ONLY" }));
  expect(await told()).toBe(claim["x-forwarded-client-cert"]);
});

it("takes the client's address from the PROXY header, and no connection without one", async () => {
  await mesh().replacePolicy(topology({ proxyProtocol: {} }) + routes);
  const request = "GET / HTTP/1.1\r\nhost: edge.example\r\nconnection: close\r\n\r\n";
  const to = { host: mesh().addressOf("plain"), port: 8080 };
  const { received } = await converse(mesh(), "plain", {
    ...to,
    send: `PROXY TCP4 203.0.113.50 192.0.2.1 4711 80\r\n${request}`,
  });
  expect(received).toContain('"x-envoy-external-address":"203.0.113.50"');
  expect((await converse(mesh(), "plain", { ...to, send: request })).received).toBe("");
});
