import { parseSpec, told } from "../test-support.ts";

const check = (spec: unknown) => parseSpec("WorkloadGroup", spec);
const probe = (more: object) => ({ template: {}, probe: more });

it("takes every field", () => {
  const spec = {
    metadata: { labels: { app: "a" }, annotations: { "example.com/a": "b" } },
    template: { ports: { http: 8080 }, labels: { tier: "b" }, locality: "r/z/s", weight: 2, serviceAccount: "a" },
    probe: {
      initialDelaySeconds: 1,
      timeoutSeconds: 2,
      periodSeconds: 3,
      successThreshold: 1,
      failureThreshold: 2,
      httpGet: {
        port: 8080,
        path: "/healthz",
        host: "127.0.0.1",
        scheme: "HTTPS",
        httpHeaders: [{ name: "X-Probe", value: "100%" }],
      },
    },
  };
  const { objects, problems } = check(spec);
  expect(told(problems)).toEqual([]);
  expect(told(problems, "warning")).toEqual([]);
  expect(JSON.parse(JSON.stringify(objects[0]?.spec))).toEqual(spec);
});

it.each([
  { template: {} },
  probe({ tcpSocket: { port: 1, host: "a" } }),
  probe({ exec: { command: ["true"] } }),
  probe({ grpc: { port: 50051, service: "a.B" }, periodSeconds: 0 }),
])("takes %j", (spec) => expect(check(spec).objects).toHaveLength(1));

it.each([
  ["no template", {}, "HED111 spec"],
  ["a bad label of the entry", { template: {}, metadata: { labels: { a: "b c" } } }, "HED210 spec.metadata.labels.a"],
  ["a bad label", { template: { labels: { a: "b c" } } }, "HED210 spec.template.labels.a"],
  ["port 0", { template: { ports: { http: 0 } } }, "HED204 spec.template.ports.http"],
  ["a bad port name", { template: { ports: { HTTP: 1 } } }, "HED204 spec.template.ports.HTTP"],
  ["a probe that asks nothing", probe({ periodSeconds: 1 }), "HED209 spec.probe"],
  ["two ways to ask", probe({ tcpSocket: { port: 1 }, grpc: { port: 1 } }), "HED114 spec.probe"],
  ["a time before", probe({ tcpSocket: { port: 1 }, timeoutSeconds: -1 }), "HED113 spec.probe.timeoutSeconds"],
  [
    "less than no failure",
    probe({ tcpSocket: { port: 1 }, failureThreshold: -1 }),
    "HED113 spec.probe.failureThreshold",
  ],
  ["port 0 over HTTP", probe({ httpGet: { port: 0 } }), "HED204 spec.probe.httpGet.port"],
  ["no port over TCP", probe({ tcpSocket: {} }), "HED111 spec.probe.tcpSocket"],
  ["no port over gRPC", probe({ grpc: { service: "a" } }), "HED204 spec.probe.grpc.port"],
  ["another scheme", probe({ httpGet: { port: 1, scheme: "http" } }), "HED216 spec.probe.httpGet.scheme"],
  [
    "a header without a name",
    probe({ httpGet: { port: 1, httpHeaders: [{ value: "a" }] } }),
    "HED206 spec.probe.httpGet.httpHeaders[0].name",
  ],
  [
    "a line's end in a header",
    probe({ httpGet: { port: 1, httpHeaders: [{ name: "A", value: "a\nB: c" }] } }),
    "HED206 spec.probe.httpGet.httpHeaders[0].value",
  ],
  ["no command", probe({ exec: { command: [] } }), "HED209 spec.probe.exec.command"],
])("refuses %s", (_why, spec, expected) => {
  const { objects, problems } = check(spec);
  expect(told(problems)).toContain(expected);
  expect(objects).toEqual([]);
});
