import {
  echoPod,
  echoService,
  gatewayPod,
  gatewayService,
  meshForSuite,
  waitFor,
  type Summary,
} from "./harness/index.ts";

const outside = { address: "10.244.0.1", port: 9311 };

const mesh = meshForSuite({
  yaml: [
    gatewayPod({ name: "egress", istio: "egressgateway" }),
    gatewayService({ name: "egress", ports: { tls: [443, 8443] } }),
    gatewayPod({ name: "west", istio: "eastwest" }),
    gatewayService({ name: "west", ports: { tls: [15_443] } }),
    echoPod({ name: "cart" }),
    echoService({ name: "cart" }),
    echoPod({ name: "client" }),
    `---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: bank, namespace: default }
spec:
  hosts: [bank.example]
  addresses: [192.0.2.50]
  location: MESH_EXTERNAL
  resolution: STATIC
  ports: [{ number: 80, name: http, protocol: HTTP }]
  endpoints: [{ address: ${outside.address}, ports: { http: ${outside.port} } }]
`,
  ].join(""),
});

beforeAll(() => mesh().startOutside(outside.port));

const networking = (kind: string, name: string, spec: object): string =>
  `---\n${JSON.stringify({ apiVersion: "networking.istio.io/v1", kind, metadata: { name, namespace: "default" }, spec })}\n`;

it("egress with ISTIO_MUTUAL: the mesh's calls to a host outside go through the gateway, in the mesh's TLS as far as that", async () => {
  const destination = (host: string, number: number): object => ({
    route: [{ destination: { host, port: { number } } }],
  });
  await mesh().replacePolicy(
    networking("Gateway", "egress", {
      selector: { istio: "egressgateway" },
      servers: [
        {
          port: { number: 443, name: "https", protocol: "HTTPS" },
          hosts: ["bank.example"],
          tls: { mode: "ISTIO_MUTUAL" },
        },
      ],
    }) +
      networking("DestinationRule", "egress", {
        host: "egress",
        subsets: [{ name: "bank", trafficPolicy: { tls: { mode: "ISTIO_MUTUAL", sni: "bank.example" } } }],
      }) +
      networking("VirtualService", "bank", {
        hosts: ["bank.example"],
        gateways: ["mesh", "egress"],
        http: [
          {
            match: [{ gateways: ["mesh"], port: 80 }],
            route: [{ destination: { host: "egress", subset: "bank", port: { number: 443 } } }],
          },
          { match: [{ gateways: ["egress"], port: 443 }], ...destination("bank.example", 80) },
        ],
      }),
  );
  const send = (): Promise<Summary> => mesh().request("client", "http://bank.example/x");
  await waitFor("the egress gateway", async () => (await send()).ok === 1);
  const { answers } = await send();
  expect(answers[0]?.body?.version).toBe("outside");
  expect(answers[0]?.body?.headers["x-forwarded-client-cert"]).toContain(
    "URI=spiffe://cluster.local/ns/default/sa/client",
  );
  const counts = await mesh().envoyStats("egress", "downstream_rq_2xx$");
  expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0);
});

it("AUTO_PASSTHROUGH: mesh TLS is passed on to the service that its SNI names, unopened", async () => {
  await mesh().replacePolicy(
    networking("Gateway", "west", {
      selector: { istio: "eastwest" },
      servers: [
        {
          port: { number: 15_443, name: "tls", protocol: "TLS" },
          hosts: ["*.local"],
          tls: { mode: "AUTO_PASSTHROUGH" },
        },
      ],
    }) +
      networking("ServiceEntry", "remote", {
        hosts: ["remote.example"],
        addresses: ["192.0.2.60"],
        location: "MESH_INTERNAL",
        resolution: "STATIC",
        ports: [{ number: 80, name: "http", protocol: "HTTP" }],
        endpoints: [{ address: mesh().addressOf("west"), ports: { http: 15_443 } }],
      }) +
      networking("DestinationRule", "remote", {
        host: "remote.example",
        trafficPolicy: {
          tls: {
            mode: "ISTIO_MUTUAL",
            sni: "outbound_.80_._.cart.default.svc.cluster.local",
            subjectAltNames: ["spiffe://cluster.local/ns/default/sa/cart"],
          },
        },
      }),
  );
  await mesh().updateWorkloads(); // their hosts files learn the new name
  const send = (): Promise<Summary> => mesh().request("client", "http://remote.example/x");
  await waitFor("the east-west gateway", async () => (await send()).ok === 1);
  const { answers } = await send();
  expect(answers[0]?.body?.service).toBe("cart");
  expect(answers[0]?.body?.headers["x-forwarded-client-cert"]).toContain("sa/client");
});
