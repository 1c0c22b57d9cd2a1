import { edit, parseSpec, told } from "../test-support.ts";

const check = (spec: unknown) => parseSpec("ServiceEntry", spec);
const http = { name: "http", number: 80, protocol: "HTTP" };
const tcp = { name: "tcp", number: 9000, protocol: "TCP" };
const base = { hosts: ["a.example.com"], ports: [http], resolution: "DNS" };
const dynamic = { hosts: ["*.example.com"], ports: [http], resolution: "DYNAMIC_DNS" };
const fixed = {
  hosts: ["a.example.com"],
  ports: [http, tcp],
  resolution: "STATIC",
  endpoints: [{ address: "10.0.0.1" }],
};

const full = {
  hosts: ["a.example.com", "*.b.example.com"],
  addresses: ["240.0.0.1", "10.0.0.0/8"],
  ports: [
    { ...http, targetPort: 8080 },
    { name: "https", number: 443, protocol: "https" },
  ],
  location: "MESH_EXTERNAL",
  resolution: "STATIC",
  endpoints: [
    {
      address: "fd00::1",
      ports: { http: 8080 },
      labels: { v: "1" },
      network: "n",
      locality: "r/z",
      weight: 2,
      serviceAccount: "s",
    },
  ],
  subjectAltNames: ["spiffe://x"],
  exportTo: ["~"],
};

it("takes every field", () => {
  const { objects, problems } = check(full);
  expect(told(problems)).toEqual([]);
  expect(JSON.parse(JSON.stringify(objects[0]?.spec))).toEqual(full);
});

it.each(["v1alpha3", "v1beta1", "v1"])("reads the same from %s", (version) => {
  expect(parseSpec("ServiceEntry", full, `networking.istio.io/${version}`).objects[0]?.spec).toEqual(
    check(full).objects[0]?.spec,
  );
});

const rejected: readonly (readonly [why: string, spec: unknown, told: string])[] = [
  ["no hosts", edit(base, "hosts", undefined), "HED111 spec"],
  ["an empty list of hosts", edit(base, "hosts", []), "HED113 spec.hosts"],
  ["the host *", edit(base, "hosts", ["*"]), "HED201 spec.hosts[0]"],
  ["a bad host", edit(base, "hosts", ["a_b"]), "HED201 spec.hosts[0]"],
  ["a wildcard to look up", edit(base, "hosts", ["*.a.com"]), "HED201 spec.hosts[0]"],
  ["a name twice", edit(base, "ports", [http, { ...tcp, name: "http" }]), "HED212 spec.ports[1].name"],
  ["a port twice", edit(base, "ports", [http, { ...tcp, number: 80 }]), "HED212 spec.ports[1].number"],
  ["a port without a name", edit(base, "ports", [{ number: 80 }]), "HED111 spec.ports[0]"],
  ["a bad port name", edit(base, "ports", [{ ...http, name: "HTTP" }]), "HED204 spec.ports[0].name"],
  ["port 0", edit(base, "ports", [{ ...http, number: 0 }]), "HED204 spec.ports[0].number"],
  ["an unknown protocol", edit(base, "ports", [{ ...http, protocol: "HTP" }]), "HED216 spec.ports[0].protocol"],
  ["a target port of 70000", edit(base, "ports", [{ ...http, targetPort: 70_000 }]), "HED204 spec.ports[0].targetPort"],
  [
    "several hosts on TCP",
    { hosts: ["a.com", "b.com"], ports: [http, tcp], resolution: "DNS" },
    "HED208 spec.ports[1]",
  ],
  ["a range for DNS", edit(base, "addresses", ["10.0.0.0/8"]), "HED208 spec.addresses[0]"],
  ["a bad address", edit(base, "addresses", ["10.0.0"]), "HED211 spec.addresses[0]"],
  ["endpoints for NONE", edit(fixed, "resolution", "NONE"), "HED208 spec.endpoints"],
  ["endpoints and a selector", edit(fixed, "workloadSelector", { labels: { a: "b" } }), "HED208 spec.endpoints"],
  ["a name as a fixed address", edit(fixed, "endpoints", [{ address: "b.com" }]), "HED211 spec.endpoints[0].address"],
  [
    "a port that the service has not",
    edit(fixed, "endpoints", [{ address: "10.0.0.1", ports: { other: 1 } }]),
    "HED204 spec.endpoints[0].ports.other",
  ],
  ["an endpoint without an address", edit(fixed, "endpoints", [{}]), "HED209 spec.endpoints[0]"],
  ["a socket for two ports", edit(fixed, "endpoints", [{ address: "unix:///a" }]), "HED208 spec.endpoints[0].address"],
  [
    "a socket with ports",
    { ...fixed, ports: [tcp], endpoints: [{ address: "unix:///a", ports: { tcp: 1 } }] },
    "HED208 spec.endpoints[0].ports",
  ],
  [
    "a relative socket",
    { ...fixed, ports: [tcp], endpoints: [{ address: "unix://a" }] },
    "HED211 spec.endpoints[0].address",
  ],
  ["a socket by DNS", { ...base, endpoints: [{ address: "unix:///a" }] }, "HED211 spec.endpoints[0].address"],
  [
    "two endpoints for DNS_ROUND_ROBIN",
    { ...base, resolution: "DNS_ROUND_ROBIN", endpoints: [{ address: "a.com" }, { address: "b.com" }] },
    "HED208 spec.endpoints",
  ],
  ["DYNAMIC_DNS inside of the mesh", { ...dynamic, location: "MESH_INTERNAL" }, "HED208 spec.location"],
  ["DYNAMIC_DNS with endpoints", { ...dynamic, endpoints: [{ address: "a.com" }] }, "HED208 spec.endpoints"],
  [
    "DYNAMIC_DNS on a port without names",
    { ...dynamic, ports: [{ name: "db", number: 3306, protocol: "TCP" }] },
    "HED208 spec.ports[0]",
  ],
  [
    "a bad locality of labels",
    edit(fixed, "endpoints", [{ address: "10.0.0.1", labels: { "a b": "c" } }]),
    "HED210 spec.endpoints[0].labels.a b",
  ],
  ["* and others in exportTo", edit(base, "exportTo", ["*", "a"]), "HED213 spec.exportTo"],
  ["~ and others in exportTo", edit(base, "exportTo", ["~", "a"]), "HED213 spec.exportTo"],
];

it.each(rejected)("refuses %s", (_why, spec, expected) => {
  const { objects, problems } = check(spec);
  expect(told(problems)).toContain(expected);
  expect(objects).toEqual([]);
});

const accepted: readonly (readonly [what: string, spec: unknown])[] = [
  ["DNS without endpoints", base],
  ["DNS with named endpoints", edit(base, "endpoints", [{ address: "b.example.com" }])],
  ["a wildcard with NONE", { hosts: ["*.a.com"], ports: [tcp], resolution: "NONE" }],
  ["several hosts on TCP with NONE", { hosts: ["a.com", "b.com"], ports: [tcp] }],
  [
    "a selector with STATIC",
    { hosts: ["a.com"], ports: [tcp], resolution: "STATIC", workloadSelector: { labels: { app: "a" } } },
  ],
  ["a socket", { hosts: ["a.com"], ports: [tcp], resolution: "STATIC", endpoints: [{ address: "unix:///run/a" }] }],
  ["a port without a protocol", { hosts: ["a.com"], ports: [{ name: "x", number: 1 }], resolution: "DNS" }],
];

it.each(accepted)("takes %s", (_what, spec) => {
  expect(told(check(spec).problems)).toEqual([]);
});

it("warns of what has no effect", () => {
  const { problems } = check({ hosts: ["*a.com"], ports: [{ ...tcp, targetPort: 1 }], workloadSelector: {} });
  expect(told(problems, "warning")).toEqual([
    "HED214 spec.hosts[0]",
    "HED214 spec.ports[0].targetPort",
    "HED214 spec.workloadSelector",
    "HED210 spec.workloadSelector",
  ]);
});
