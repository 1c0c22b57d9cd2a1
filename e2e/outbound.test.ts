import { converse, echoPod, echoService, meshForSuite, type Summary } from "./harness/index.ts";

const outside = { address: "10.244.0.1", port: 9201, tcp: 9202 };
const entry = (name: string, vip: string): string => `---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: ${name}, namespace: default }
spec:
  hosts: [${name}.example]
  addresses: [${vip}]
  location: MESH_EXTERNAL
  resolution: STATIC
  ports: [{ number: 80, name: http, protocol: HTTP }]
  endpoints: [{ address: ${outside.address}, ports: { http: ${outside.port} } }]
`;
const registryOnly = `---
apiVersion: mesh.istio.io/v1alpha1
kind: MeshConfig
metadata: { name: default, namespace: istio-system }
spec: { outboundTrafficPolicy: { mode: REGISTRY_ONLY } }
`;

const mesh = meshForSuite({
  yaml: [
    echoPod({ name: "client" }),
    echoPod({ name: "server" }),
    echoService({ name: "client" }),
    echoService({ name: "server" }),
    echoService({ name: "same-port", app: "server", ports: { http: [outside.port, 8080] } }),
    entry("partner", "192.0.2.20"),
  ].join(""),
});
beforeAll(() => mesh().startOutside(outside.port, { TCP_PORT: `${outside.tcp}` }));

const send = (url: string): Promise<Summary> => mesh().request("client", url);
const greeting = (): Promise<{ received: string }> =>
  converse(mesh(), "client", {
    host: outside.address,
    port: outside.tcp,
    send: "ping",
    until: "ping",
    timeoutMs: 2000,
  });

describe("ALLOW_ANY, the default", () => {
  it("lets HTTP and TCP out to whom nobody has described", async () => {
    await mesh().replacePolicy();
    expect((await send(`http://${outside.address}:${outside.port}/`)).byVersion).toEqual({ outside: 1 }); // a port that services use
    expect((await greeting()).received).toBe("outside outside\nping");
    expect((await send("http://server/")).byVersion).toEqual({ v1: 1 });
  });

  it("reaches a pod by its address", async () => {
    expect((await send(`http://${mesh().addressOf("server")}:8080/`)).byVersion).toEqual({ v1: 1 });
  });

  it("a ServiceEntry with STATIC endpoints is a service like any other", async () => {
    const { answers } = await send("http://partner.example/x");
    expect(answers[0]).toMatchObject({ status: 200, body: { version: "outside", path: "/x" } });
    const policy = `---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: partner, namespace: default }
spec: { hosts: [partner.example], http: [{ fault: { abort: { httpStatus: 451, percentage: { value: 100 } } }, route: [{ destination: { host: partner.example } }] }] }
`;
    await mesh().replacePolicy(policy);
    expect((await send("http://partner.example/x")).byStatus).toEqual({ 451: 1 });
  });
});

describe("REGISTRY_ONLY", () => {
  it("answers 502 for unknown hosts, closes unknown connections, and leaves services alone", async () => {
    await mesh().replacePolicy(registryOnly);
    expect((await send(`http://${outside.address}:${outside.port}/`)).byStatus).toEqual({ 502: 1 });
    expect((await greeting()).received).toBe("");
    expect((await send("http://server/")).byVersion).toEqual({ v1: 1 });
    expect((await send("http://partner.example/")).byVersion).toEqual({ outside: 1 });
    await mesh().replacePolicy();
    expect((await greeting()).received).toBe("outside outside\nping");
  });
});

it("a service may call itself, by its own name", async () => {
  for (const host of ["client", "client.default.svc.cluster.local"])
    expect((await send(`http://${host}/`)).byInstance).toEqual({ client: 1 });
  const { answers } = await send("http://server/?call=http://server/again");
  expect(answers[0]?.body?.called).toMatchObject({ status: 200, body: { service: "server", path: "/again" } });
});
