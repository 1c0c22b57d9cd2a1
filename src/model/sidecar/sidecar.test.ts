import { edit, parseSpec, told } from "../test-support.ts";

const check = (spec: unknown) => parseSpec("Sidecar", spec);
const base = { egress: [{ hosts: ["./*", "istio-system/*"] }] };

const full = {
  workloadSelector: { labels: { app: "a" } },
  ingress: [
    {
      port: { number: 9080, protocol: "HTTP", name: "http" },
      bind: "0.0.0.0",
      captureMode: "IPTABLES",
      defaultEndpoint: "127.0.0.1:8080",
      connectionPool: { http: { http2MaxRequests: 1 } },
    },
    {
      port: { number: 9081, protocol: "HTTPS" },
      defaultEndpoint: "unix:///run/a",
      tls: { mode: "SIMPLE", serverCertificate: "/c", privateKey: "/k" },
    },
  ],
  egress: [
    {
      port: { number: 3306, protocol: "MYSQL", name: "db" },
      bind: "127.0.0.1",
      captureMode: "NONE",
      hosts: ["*/mysql.foo.com"],
    },
    { port: { number: 0, protocol: "HTTP" }, bind: "unix:///run/b", hosts: ["~/*"] },
    { hosts: ["./*", "prod/*.example.com", "~prod/hidden.example.com"] },
  ],
  inboundConnectionPool: { tcp: { maxConnections: 10 } },
  outboundTrafficPolicy: { mode: "ALLOW_ANY", egressProxy: { host: "proxy.example.com", port: { number: 443 } } },
};

it("takes every field", () => {
  const { objects, problems } = check(full);
  expect(told(problems)).toEqual([]);
  expect(JSON.parse(JSON.stringify(objects[0]?.spec))).toEqual(full);
});

it.each([
  ["nothing", {}, "HED209 spec"],
  ["no hosts", { egress: [{ hosts: [] }] }, "HED209 spec.egress[0].hosts"],
  ["a host without a namespace", { egress: [{ hosts: ["a.com"] }] }, "HED201 spec.egress[0].hosts[0]"],
  ["a bad namespace", { egress: [{ hosts: ["A/*"] }] }, "HED201 spec.egress[0].hosts[0]"],
  ["a bad host", { egress: [{ hosts: ["*/a.*.com"] }] }, "HED201 spec.egress[0].hosts[0]"],
  ["the listener without a port first", { egress: [base.egress[0], full.egress[0]] }, "HED208 spec.egress[0]"],
  ["two listeners of one port", { egress: [full.egress[0], full.egress[0]] }, "HED212 spec.egress[1].port"],
  ["port 0 without a socket", edit(full, "egress.1.bind", "127.0.0.1"), "HED204 spec.egress[1].port"],
  ["a captured socket", edit(full, "egress.1.captureMode", "IPTABLES"), "HED208 spec.egress[1].captureMode"],
  ["a bad bind address", edit(full, "egress.0.bind", "localhost"), "HED211 spec.egress[0].bind"],
  ["a socket without a port", edit(full, "egress.2.bind", "unix:///run/c"), "HED211 spec.egress[2].bind"],
  ["a target port", edit(full, "egress.0.port.targetPort", 1), "HED214 spec.egress[0].port.targetPort"],
  ["no ingress port", { ingress: [{ defaultEndpoint: "127.0.0.1:1" }] }, "HED111 spec.ingress[0]"],
  ["ingress port 0", { ingress: [{ port: { number: 0, protocol: "HTTP" } }] }, "HED204 spec.ingress[0].port.number"],
  [
    "another host as endpoint",
    edit(full, "ingress.0.defaultEndpoint", "10.0.0.1:80"),
    "HED211 spec.ingress[0].defaultEndpoint",
  ],
  [
    "port 70000 as endpoint",
    edit(full, "ingress.0.defaultEndpoint", ":70000"),
    "HED204 spec.ingress[0].defaultEndpoint",
  ],
  [
    "TLS without a key",
    edit(full, "ingress.1.tls", { mode: "SIMPLE", serverCertificate: "/c" }),
    "HED209 spec.ingress[1].tls",
  ],
  ["ISTIO_MUTUAL", edit(full, "ingress.1.tls", { mode: "ISTIO_MUTUAL" }), "HED208 spec.ingress[1].tls.mode"],
  [
    "a proxy with REGISTRY_ONLY",
    edit(full, "outboundTrafficPolicy.mode", "REGISTRY_ONLY"),
    "HED208 spec.outboundTrafficPolicy.egressProxy",
  ],
  [
    "a proxy without a port",
    edit(full, "outboundTrafficPolicy.egressProxy.port", undefined),
    "HED209 spec.outboundTrafficPolicy.egressProxy",
  ],
])("refuses %s", (_why, spec, expected) => {
  const { objects, problems } = check(spec);
  expect(told(problems)).toContain(expected);
  expect(objects).toEqual([]);
});

it("warns of hosts that change nothing", () => {
  expect(told(check({ egress: [{ hosts: ["*/*", "prod/a.com"] }] }).problems, "warning")).toEqual([
    "HED214 spec.egress[0].hosts",
  ]);
  expect(told(check({ egress: [{ hosts: ["./*", "default/a.com"] }] }).problems, "warning")).toEqual([
    "HED212 spec.egress[0].hosts[1]",
  ]);
});
