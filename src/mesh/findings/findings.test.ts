import { entryYaml, problemsIn, serviceYaml, yaml } from "../testing.ts";
import { buildSnapshot } from "../snapshot.ts";
import type { Snapshot } from "../snapshot-types.ts";
import { objectsOf } from "../testing.ts";

const api = entryYaml("api", "default", "api.com", ["10.0.0.1"]);
const rule = (name: string, namespace: string, spec: string) => yaml("VirtualService", name, namespace, spec);
const route = (destination: string) => `http: [{ route: [{ destination: { ${destination} } }] }]`;

describe("what does not fit together", () => {
  it("is nothing in a mesh that fits", () => {
    const subsets = yaml("DestinationRule", "api", "default", "host: api.com\nsubsets: [{ name: v1 }]");
    expect(
      problemsIn(
        api +
          subsets +
          rule("a", "default", `hosts: [api.com]\n${route("host: api.com, subset: v1, port: { number: 80 }")}`),
      ),
    ).toEqual([]);
  });

  it("is shown where it is written, as a warning", () => {
    const text = api + rule("a", "default", `hosts: [api.com]\n${route("host: nowhere")}`);
    const { problems } = buildSnapshot(objectsOf(text, "dir/mesh.yaml"));
    expect(problems).toEqual([
      {
        code: "IST0101",
        level: "warning",
        message: "there is no service nowhere.default.svc.cluster.local that namespace default can see",
        object: { kind: "VirtualService", namespace: "default", name: "a" },
        position: { file: "dir/mesh.yaml", line: 18, column: 37 },
        field: "spec.http[0].route[0].destination.host",
      },
    ]);
  });

  it("is a subset, a port, a mirror or a delegate that is not there", () => {
    const hosts = "hosts: [api.com]\n";
    const found = (spec: string) => problemsIn(api + rule("a", "default", hosts + spec));
    expect(found(route("host: api.com, subset: v9"))).toEqual([
      expect.stringContaining('destination.subset: no DestinationRule that applies to api.com has a subset "v9"'),
    ]);
    expect(found(route("host: api.com, port: { number: 81 }"))).toEqual([
      expect.stringMatching(/^HED301 .*port.number: api.com has no port 81/),
    ]);
    expect(found(`http: [{ mirror: { host: x.com }, route: [{ destination: { host: api.com } }] }]`)).toEqual([
      expect.stringMatching(/^IST0101 .*http\[0\].mirror.host/),
    ]);
    expect(found("http: [{ delegate: { name: d } }]")).toEqual([
      expect.stringMatching(/^IST0101 .*spec.http\[0\].delegate: .* default\/d /),
    ]);
  });

  it("is not a destination that a wildcard ServiceEntry covers, and is one that nobody exports", () => {
    const wide = yaml(
      "ServiceEntry",
      "w",
      "x",
      'hosts: ["*.com"]\nresolution: NONE\nports: [{ number: 80, name: http, protocol: HTTP }]\nexportTo: [default]',
    );
    const to = (namespace: string) =>
      problemsIn(wide + rule("a", namespace, `hosts: [a.com]\n${route("host: a.com")}`));
    expect(to("default")).toEqual([]);
    expect(to("other")).toEqual([expect.stringMatching(/^IST0101/)]);
  });

  it("is a service with several ports of which none is chosen", () => {
    const two = serviceYaml("web").replace("ports: [", "ports: [{ name: grpc, port: 90 }, ");
    expect(problemsIn(two + rule("a", "default", `hosts: [web]\n${route("host: web")}`))).toEqual([
      expect.stringMatching(/^IST0112 .*destination:/),
    ]);
  });

  it("is a host of two VirtualServices that somebody sees both of", () => {
    const spec = `hosts: [api.com]\n${route("host: api.com")}`;
    expect(problemsIn(api + rule("a", "x", spec) + rule("b", "y", spec))).toEqual([
      expect.stringMatching(/^IST0109 y\/b spec.hosts\[0\]: VirtualService x\/a /),
    ]);
    const own = `exportTo: ["."]\n${spec}`;
    expect(problemsIn(api + rule("a", "x", own) + rule("b", "y", own))).toEqual([]);
    expect(problemsIn(api + rule("a", "x", own) + rule("b", "y", spec))).toHaveLength(1);
    expect(problemsIn(api + rule("a", "x", spec) + rule("b", "y", `gateways: [edge]\n${spec}`))).toEqual([
      expect.stringMatching(/^IST0101 y\/b spec.gateways\[0\]/),
    ]);
  });

  it("is rules for a protocol that no port of their hosts speaks", () => {
    const db = serviceYaml("db").replace("name: http", "name: tcp");
    const of = (host: string, spec: string) => rule("a", "default", `hosts: [${host}]\n${spec}`);
    expect(problemsIn(db + of("db", route("host: db")))).toEqual([
      expect.stringMatching(/^HED306 default\/a spec.http: /),
    ]);
    expect(problemsIn(db + of("db", "tcp: [{ route: [{ destination: { host: db } }] }]"))).toEqual([]);
    const tls = "tls: [{ match: [{ sniHosts: [db] }], route: [{ destination: { host: db } }] }]";
    expect(problemsIn(db + of("db", tls))).toEqual([expect.stringMatching(/^HED306 default\/a spec.tls: /)]);
    expect(problemsIn(db + of("elsewhere.com", route("host: db")))).toEqual([]);
    expect(problemsIn(serviceYaml("web") + of("web", route("host: web")))).toEqual([]);
  });

  it("is a policy that selects no workload, where there are workloads", () => {
    const policy = yaml(
      "PeerAuthentication",
      "p",
      "default",
      "selector: { matchLabels: { app: web } }\nmtls: { mode: STRICT }",
    );
    const workload = (app: string) =>
      yaml("WorkloadEntry", "vm", "default", `address: 10.0.0.9\nlabels: { app: ${app} }`);
    expect(problemsIn(policy)).toEqual([]);
    expect(problemsIn(policy + workload("web"))).toEqual([]);
    expect(problemsIn(policy + workload("wep"))).toEqual([
      expect.stringMatching(/^IST0127 default\/p spec.selector: /),
    ]);
  });

  it("is a DestinationRule without a service, or overruled by an older one", () => {
    const of = (name: string, host: string) =>
      yaml(
        "DestinationRule",
        name,
        "default",
        `host: "${host}"\ntrafficPolicy: { connectionPool: { tcp: { maxConnections: 1 } } }\nsubsets: [{ name: v1 }]`,
      );
    expect(problemsIn(api + of("a", "ap1.com"))).toEqual([expect.stringMatching(/^IST0174 default\/a spec.host/)]);
    expect(problemsIn(api + of("a", "*.com"))).toEqual([]);
    expect(problemsIn(api + of("a", "*.local"))).toEqual([expect.stringMatching(/^IST0174/)]);
    expect(problemsIn(api + of("a", "api.com") + of("b", "api.com"))).toEqual([
      expect.stringMatching(/^HED303 default\/b spec.trafficPolicy: .* default\/a/),
      expect.stringMatching(/^HED303 default\/b spec.subsets\[0\]: .* default\/a/),
    ]);
  });

  it("is a host that another object of the namespace has in another way", () => {
    const other = api.replace("name: api", "name: late").replace("STATIC", "DNS");
    expect(problemsIn(api + other)).toEqual([
      expect.stringMatching(/^HED303 default\/late spec.hosts\[0\]: ServiceEntry default\/api /),
    ]);
  });

  it("is a second policy for the same, or one where it has no effect", () => {
    const strict = (name: string, namespace: string, more = "") =>
      yaml("PeerAuthentication", name, namespace, `mtls: { mode: STRICT }\n${more}`);
    expect(problemsIn(strict("a", "x") + strict("b", "x"))).toEqual([expect.stringMatching(/^HED304 x\/b /)]);
    expect(problemsIn(strict("a", "istio-system", "selector: { matchLabels: { app: a } }"))).toEqual([
      expect.stringMatching(/^HED305 .*spec.selector/),
    ]);
    const sidecar = (name: string) => yaml("Sidecar", name, "x", 'egress: [{ hosts: ["./*"] }]');
    expect(problemsIn(sidecar("a") + sidecar("b"))).toEqual([expect.stringMatching(/^IST0111 x\/b /)]);
  });
});

describe("after an edit of one object", () => {
  const two = (ips: readonly string[], more: string) =>
    objectsOf(entryYaml("a", "x", "a.com", ips) + entryYaml("a", "y", "a.com", ["10.0.0.1"]).replace("HTTP", more));
  /** What is told of each version, one edited into the next. */
  const toldOf = (versions: readonly ReturnType<typeof two>[]) => {
    let snapshot: Snapshot | undefined;
    return versions.map((objects) => {
      const built = buildSnapshot(objects, snapshot);
      snapshot = built.snapshot;
      expect(built.problems).toEqual(buildSnapshot(objects).problems);
      return built.problems.map(({ code }) => code);
    });
  };

  it("of its endpoints only, it is known whether another namespace defines the host alike", () => {
    const [alike, apart] = [two(["10.0.0.1"], "HTTP"), two(["10.0.0.1", "10.0.0.2"], "HTTP")];
    expect(toldOf([alike, apart, alike])).toEqual([[], ["HED310"], []]);
  });

  it("of its ports, they are compared anew", () => {
    const [alike, apart] = [two(["10.0.0.1"], "HTTP"), two(["10.0.0.1"], "GRPC")];
    expect(toldOf([alike, apart, alike, apart])).toEqual([[], ["HED310", "IST0177"], [], ["HED310", "IST0177"]]);
  });
});
