import { entryYaml, meshOf, podYaml, serviceYaml, sidecar, viewOf, yaml } from "./testing.ts";
import { viewFor } from "./view.ts";

const web = { name: "web-a", addresses: ["10.1.0.1"], labels: { app: "web" } };

describe("the inbound ports of a workload", () => {
  it("are those behind the services that have it as an endpoint, once each, in order", () => {
    const two = serviceYaml("web").replace("ports: [", "ports: [{ name: grpc-b, port: 90, targetPort: 9090 }, ");
    const alias = serviceYaml("alias").replace("app: alias", "app: web");
    const { inbound } = viewOf(two + alias + podYaml("web-a", "web", "10.1.0.1"), web);
    expect(
      inbound.ports.map(({ port, protocol, service, servicePort }) => [
        port,
        protocol,
        service.name,
        servicePort.number,
      ]),
    ).toEqual([
      [8080, "HTTP", "alias", 80],
      [9090, "GRPC", "web", 90],
    ]);
  });

  it("come from its own namespace only: nobody else can put a port on it", () => {
    const text = entryYaml("trap", "evil", "trap.example.com", ["10.1.0.1"]);
    expect(viewOf(text, web).inbound.ports).toEqual([]);
    expect(viewOf(text, { ...web, namespace: "evil" }).inbound.ports).toHaveLength(1);
  });

  it("are found by any of its addresses, and are not UDP", () => {
    const text = serviceYaml("web") + podYaml("web-a", "web", "10.1.0.1");
    expect(viewOf(text, { ...web, addresses: ["fd00::1", "10.1.0.1"] }).inbound.ports).toHaveLength(1);
    expect(viewOf(text.replace("targetPort: 8080", "targetPort: 8080, protocol: UDP"), web).inbound.ports).toEqual([]);
  });

  const listeners = (ports: string): string => yaml("Sidecar", "default", "default", `ingress: ${ports}`);
  const portsOf = (text: string): unknown[] =>
    viewOf(text, web).inbound.ports.map(({ port, protocol, servicePort }) => [port, protocol, servicePort.number]);

  it("are those of a Sidecar's listeners alone, where it has any", () => {
    const text = serviceYaml("web") + podYaml("web-a", "web", "10.1.0.1");
    const named = `[{ port: { number: 9090, protocol: GRPC } }, { port: { number: 8080, protocol: TCP } }]`;
    expect(portsOf(text + listeners(named))).toEqual([
      [8080, "TCP", 80],
      [9090, "GRPC", 9090],
    ]);
    expect(portsOf(text + listeners(`[{ port: { number: 70, name: http-x } }]`))).toEqual([[70, "HTTP", 70]]);
    expect(portsOf(listeners(named))).toEqual([]); // no service leads here
  });

  it("are one object for replicas, and while nothing of them changes", () => {
    const text = serviceYaml("web") + podYaml("web-a", "web", "10.1.0.1") + podYaml("web-b", "web", "10.1.0.2");
    const first = meshOf(text);
    const inboundOf = (mesh: typeof first, ip: string) => viewFor(mesh, sidecar({ ...web, addresses: [ip] })).inbound;
    expect(inboundOf(first, "10.1.0.1")).toBe(inboundOf(first, "10.1.0.2"));
    const second = meshOf(text + podYaml("web-c", "web", "10.1.0.3"), first);
    expect(inboundOf(second, "10.1.0.1")).toBe(inboundOf(first, "10.1.0.1"));
    const strict = yaml("PeerAuthentication", "n", "default", "mtls: { mode: STRICT }");
    expect(inboundOf(meshOf(text + strict, second), "10.1.0.1")).not.toBe(inboundOf(first, "10.1.0.1"));
  });
});
