import { Cluster } from "../../generated/envoy/config/cluster/v3/cluster.ts";
import { Listener } from "../../generated/envoy/config/listener/v3/listener.ts";
import { RouteConfiguration } from "../../generated/envoy/config/route/v3/route.ts";
import { VirtualHost } from "../../generated/envoy/config/route/v3/route_components.ts";
import { patchMap } from "../lib/index.ts";
import { buildResources } from "./build.ts";
import { checkResources } from "./check.ts";
import { parseCase } from "./golden-case.ts";
import { encodeResource, type ProxyResources, type Resource, type ResourceMap, type ResourceSet } from "./resource.ts";

const mesh = `proxy: { name: web-1, labels: { app: web } }
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: default }
spec:
  clusterIP: 10.2.0.1
  selector: { app: web }
  ports: [{ name: http, port: 80 }]
---
apiVersion: v1
kind: Pod
metadata: { name: web-1, namespace: default, labels: { app: web } }
spec: { containers: [{ name: web }] }
status: { podIP: 10.1.0.1, phase: Running }
`;
const good = buildResources(parseCase(mesh).view, { vhds: true });

/** The good resources with one map of the shared layer changed. */
function changed(type: keyof ResourceSet, change: (map: Map<string, Resource>) => void): ProxyResources {
  const map = new Map(good.shared[type]);
  change(map);
  return { ...good, shared: { ...good.shared, [type]: map as ResourceMap } };
}

function virtualHost(name: string, domain: string): Resource {
  return encodeResource("vhds", name, VirtualHost, VirtualHost.fromPartial({ name, domains: [domain] }), []);
}

const web = "web.default.svc.cluster.local";

describe("checkResources", () => {
  it("finds nothing where all is well", () => expect(checkResources(good)).toEqual([]));

  it("finds a listener whose routes are missing", () => {
    const found = checkResources(changed("rds", (map) => map.delete("80")));
    expect(found).toContain("lds 0.0.0.0_80: there is no route configuration 80");
  });

  it("finds a listener whose cluster is missing", () => {
    const found = checkResources(changed("cds", (map) => map.delete("PassthroughCluster")));
    expect(found).toContain("lds virtualOutbound: there is no cluster PassthroughCluster");
    const { own, shared } = good;
    const inbound = checkResources({ shared, own: { ...own, cds: new Map() } });
    expect(inbound).toContain("lds virtualInbound: there is no cluster inbound|80||");
  });

  it("finds a cluster whose endpoints are missing", () => {
    const found = checkResources(changed("eds", (map) => map.clear()));
    expect(found).toEqual([`cds outbound|80||${web}: there is no cluster load assignment outbound|80||${web}`]);
  });

  it("finds a name that both layers have, and a resource under another's name", () => {
    const [first] = good.own.cds.values();
    if (!first) throw new Error("the workload has no inbound cluster");
    expect(checkResources(changed("cds", (map) => map.set(first.name, first)))).toContain(
      `cds ${first.name}: two layers have it`,
    );
    expect(checkResources(changed("cds", (map) => map.set("other", first)))).toContain(`other: holds ${first.name}`);
  });

  it("finds virtual hosts that share a domain, whether they travel alone or together", () => {
    const host = (name: string, domain: string) => VirtualHost.fromPartial({ name, domains: [domain] });
    const alone = encodeResource("vhds", "80/again", VirtualHost, host("80/again", web.toUpperCase()), []);
    expect(checkResources(changed("vhds", (map) => map.set(alone.name, alone)))).toEqual([
      expect.stringContaining(`is in 80/${web} and in 80/again`),
    ]);
    const together = RouteConfiguration.fromPartial({ name: "9", virtualHosts: [host("a", "x"), host("b", "x")] });
    const route = encodeResource("rds", "9", RouteConfiguration, together, []);
    expect(checkResources(changed("rds", (map) => map.set("9", route)))).toEqual(["rds 9: x is in a and in b"]);
  });

  it("finds them where a map was patched, which is looked at for what is new", () => {
    const hosts = (again: string): ResourceMap => patchMap(map, [["80/again", virtualHost("80/again", again)]]);
    const map: ResourceMap = new Map([...good.shared.vhds, ["80/again", virtualHost("80/again", "other")]]);
    const check = (vhds: ResourceMap) => checkResources({ ...good, shared: { ...good.shared, vhds } });
    expect(check(map)).toEqual([]);
    expect(check(hosts("other.com"))).toEqual([]);
    expect(check(hosts(web))).toEqual([expect.stringContaining(`is in 80/${web} and in 80/again`)]);
    const [first] = good.shared.cds.values();
    if (!first) throw new Error("nothing is shared");
    const cds = patchMap(good.shared.cds, [["PassthroughCluster", first]]);
    const found = checkResources({ ...good, shared: { ...good.shared, cds } });
    expect(found).toContain(`PassthroughCluster: holds ${first.name}`);
  });

  it("finds a virtual host that no route configuration asks for", () => {
    const stray = encodeResource(
      "vhds",
      "81/x",
      VirtualHost,
      VirtualHost.fromPartial({ name: "81/x", domains: ["x"] }),
      [],
    );
    expect(checkResources(changed("vhds", (map) => map.set(stray.name, stray)))).toEqual([
      "vhds 81/x: no route configuration asks for it",
    ]);
  });

  it("finds a secret that nobody serves, at whatever depth it is asked for", () => {
    const sdsConfig = { ads: {} };
    const config = { tlsCertificateSdsSecretConfigs: [{ name: "another-workload", sdsConfig }] };
    const message = Cluster.fromPartial({ name: "c", type: 0 });
    expect(
      checkResources(changed("cds", (map) => map.set("c", encodeResource("cds", "c", Cluster, message, [])))),
    ).toEqual([]);
    const json = Listener.fromJSON({
      name: "l",
      filterChains: [
        {
          transportSocket: {
            name: "tls",
            typedConfig: {
              "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
              commonTlsContext: config,
            },
          },
        },
      ],
    });
    const listener = encodeResource("lds", "l", Listener, json, []);
    expect(checkResources(changed("lds", (map) => map.set("l", listener)))).toEqual([
      "lds l: there is no secret another-workload",
    ]);
  });
});
