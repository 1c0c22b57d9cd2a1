import { echoPod, echoService, meshForSuite, policy } from "./harness/index.ts";

/** A gRPC server of versions v1 and v2 behind a port that says what it speaks, and one that does not. */
const server = (version: string): string => {
  const pod = JSON.parse(echoPod({ name: `server-${version}`, app: "server", version }).replace(/^---\n/, "")) as {
    spec: object;
  };
  const containers = [
    { name: "app", command: ["node", "e2e/apps/grpc-echo.ts"], env: [{ name: "PORT", value: "8080" }] },
  ];
  return `---\n${JSON.stringify({ ...pod, spec: { ...pod.spec, containers } })}\n`;
};
const mesh = meshForSuite({
  yaml: [
    echoPod({ name: "client" }),
    server("v1"),
    server("v2"),
    echoService({ name: "server", ports: { grpc: [80, 8080], any: [81, 8080] } }),
  ].join(""),
});

interface Called {
  readonly unary: string | number;
  readonly failed: string | number;
  readonly serverStream: { readonly status: number; readonly messages: number };
  readonly late: { readonly status: number; readonly messages: number };
  readonly clientStream: string | number;
  readonly both: readonly string[];
}

async function call(port: number): Promise<Called> {
  return JSON.parse(await mesh().exec("client", ["node", "e2e/apps/grpc-client.ts", `server:${port}`])) as Called;
}

it.each([
  ["declared", 80],
  ["detected", 81],
])("a %s port carries calls and streams both ways, messages as they come, statuses and deadlines", async (_, port) => {
  const { late, ...called } = await call(port);
  // DEADLINE_EXCEEDED from the client or the server; INTERNAL where Envoy, which keeps the deadline too, resets the stream first.
  expect([4, 13]).toContain(late.status);
  expect(late.messages).toBeLessThan(3);
  expect(called).toEqual({
    unary: "hello",
    failed: 9,
    serverStream: { status: 0, messages: 3 },
    clientStream: "5",
    both: ["message 1", "message 2", "message 3"], // each was sent when the one before had come back
  });
});

it("calls of one connection are routed one by one, by their method", async () => {
  const subsets = ["v1", "v2"].map((version) => ({ name: version, labels: { version } }));
  const to = (subset: string): object[] => [{ destination: { host: "server", subset, port: { number: 80 } } }];
  const requests = async (subset: string): Promise<number> => {
    const stats = await mesh().envoyStats(
      "client",
      `^cluster\\.outbound\\|80\\|${subset}\\|server.*\\.upstream_rq_total$`,
    );
    return Object.values(stats).reduce((sum, count) => sum + count, 0);
  };
  await mesh().replacePolicy(
    policy("DestinationRule", "server", { host: "server", subsets }) +
      policy("VirtualService", "server", {
        hosts: ["server"],
        http: [
          { match: [{ uri: { exact: "/echo.Echo/Unary" } }], route: to("v1") },
          { match: [{ uri: { prefix: "/echo.Echo/" } }], route: to("v2") },
        ],
      }),
  );
  expect(await call(80)).toMatchObject({ unary: "hello", clientStream: "5" });
  expect([await requests("v1"), await requests("v2")]).toEqual([2, 4]);
});

it("a fault is a status of gRPC", async () => {
  await mesh().replacePolicy(
    policy("VirtualService", "server", {
      hosts: ["server"],
      http: [
        {
          fault: { abort: { grpcStatus: "RESOURCE_EXHAUSTED", percentage: { value: 100 } } },
          route: [{ destination: { host: "server" } }],
        },
      ],
    }),
  );
  expect(await call(80)).toMatchObject({
    unary: 8,
    clientStream: 8,
    serverStream: { status: 8, messages: 0 },
    both: [],
  });
});
