import type { MeshObject } from "../../model/index.ts";
import { withAddresses } from "./addresses.ts";
import { buildHosts, buildResolvConf } from "./hosts.ts";
import { pod, service, serviceEntry } from "./testing.ts";

const addressOf = (objects: readonly MeshObject[], name: string) => {
  const found = objects.find((object) => object.metadata.name === name);
  return found?.kind === "Pod"
    ? found.spec.podIPs[0]
    : found?.kind === "Service"
      ? found.spec.clusterIPs[0]
      : undefined;
};

describe("addresses of a mesh without Kubernetes", () => {
  it("come from the pods' and the services' range, each once", () => {
    const pods = Array.from({ length: 2000 }, (_, i) => pod(`p${i}`));
    const services = Array.from({ length: 2000 }, (_, i) => service(`s${i}`));
    const given = withAddresses([...pods, ...services]);
    const all = given.flatMap((object) => addressOf(given, object.metadata.name) ?? []);
    expect(new Set(all).size).toBe(4000);
    expect(all.filter((address) => /^10\.244\.\d+\.\d+$/.test(address))).toHaveLength(2000);
    expect(all.filter((address) => /^10\.96\.\d+\.\d+$/.test(address))).toHaveLength(2000);
    expect(all.filter((address) => address.startsWith("10.244.0."))).toEqual([]);
  });

  it("follow from the name: neither order nor neighbours change them", () => {
    const [a, b, c] = [pod("a"), pod("b"), service("c")];
    const first = withAddresses([a, b, c]);
    const second = withAddresses([c, service("d"), a]);
    for (const name of ["a", "c"]) expect(addressOf(second, name)).toBe(addressOf(first, name));
    expect(addressOf(first, "a")).not.toBe(addressOf(first, "b"));
  });

  it("are of the IP versions that a Service asks for, and that a Pod or its Namespace says", () => {
    const said = (families: string) => ({ "heddle.io/ip-families": families });
    const both = pod("both");
    const six = { ...pod("six"), metadata: { ...pod("six").metadata, annotations: said("IPv6") } };
    const given = withAddresses([
      { ...both, metadata: { ...both.metadata, annotations: said("IPv4, IPv6") } },
      six,
      pod("four"),
      service("s", { ipFamilies: ["IPv6", "IPv4"] }),
    ]);
    const found = given.map((object) =>
      object.kind === "Pod" ? object.spec.podIPs : object.kind === "Service" ? object.spec.clusterIPs : [],
    );
    const v4 = expect.stringMatching(/^10\.244\.\d+\.\d+$/) as string;
    const v6 = expect.stringMatching(/^fd00:10:244::[0-9a-f]+$/) as string;
    expect(found).toEqual([
      [v4, v6],
      [v6],
      [v4],
      [expect.stringMatching(/^fd00:10:96::[0-9a-f]+$/), expect.stringMatching(/^10\.96\.\d+\.\d+$/)],
    ]);
    const namespace = { ...pod("default"), kind: "Namespace", metadata: { ...six.metadata, name: "default" } };
    const inNamespace = withAddresses([namespace as never, pod("four")]);
    expect(addressOf(inNamespace, "four")).toEqual(v6);
  });

  it("leave what is written, and step aside for it", () => {
    const free = addressOf(withAddresses([pod("a")]), "a");
    const objects = withAddresses([pod("a"), pod("taken", { podIPs: [free ?? ""] })]);
    expect(addressOf(objects, "taken")).toBe(free);
    expect(addressOf(objects, "a")).not.toBe(free);
  });

  it("keep the identity of every object from call to call", () => {
    const [a, b] = [pod("a"), pod("b", { podIPs: ["10.1.1.1"] })];
    const first = withAddresses([a, b]);
    const second = withAddresses([a, b, pod("c")]);
    expect(second[0]).toBe(first[0]);
    expect(second[1]).toBe(b);
    const list = [b];
    expect(withAddresses(list)).toBe(list);
  });

  it("are not for headless and external services, nor for pods of the host's network", () => {
    const list = [
      service("headless", { headless: true }),
      service("external", { type: "ExternalName" }),
      pod("host", { hostNetwork: true }),
    ];
    expect(withAddresses(list)).toBe(list);
  });
});

describe("hosts of a workload", () => {
  const self = pod("me", { podIPs: ["10.244.1.1"] }, { app: "db" });

  it("name services as Kubernetes' DNS does", () => {
    const text = buildHosts(
      [service("db", { clusterIPs: ["10.96.1.1"] }), service("far", { clusterIPs: ["10.96.1.2"] }, "other")],
      self,
    );
    expect(text.split("\n")).toEqual([
      "127.0.0.1\tlocalhost",
      "::1\tlocalhost ip6-localhost",
      "10.244.1.1\tme",
      "10.96.1.1\tdb db.default db.default.svc db.default.svc.cluster.local",
      "10.96.1.2\tfar.other far.other.svc far.other.svc.cluster.local",
      "",
    ]);
  });

  it("know headless services by their ready pods, and hosts outside by their addresses", () => {
    const headless = service("db", { headless: true, selector: { app: "db" } });
    const sick = pod("sick", { podIPs: ["10.244.1.2"], ready: false }, { app: "db" });
    const text = buildHosts(
      [headless, self, sick, serviceEntry(["api.example.com", "*.wild"], ["192.0.2.1", "10.0.0.0/8"])],
      self,
    );
    expect(text).toContain("10.244.1.1\tdb db.default");
    expect(text).not.toContain("10.244.1.2");
    expect(text).toContain("192.0.2.1\tapi.example.com\n");
    expect(text).not.toContain("wild");
  });

  it("know pods by their own names under a headless service, and by no other's", () => {
    const named = pod("web-0", { podIPs: ["10.244.1.3"], hostname: "web-0", subdomain: "db" }, { app: "db" });
    const text = buildHosts([service("db", { headless: true, selector: { app: "db" } }), named], self);
    expect(text).toContain(
      "10.244.1.3\tdb db.default db.default.svc db.default.svc.cluster.local web-0.db web-0.db.default ",
    );
    const other = buildHosts([service("web", { headless: true, selector: { app: "db" } }), named], self);
    expect(other).not.toContain("web-0.");
  });

  it("never hold a line that an object smuggles in", () => {
    const text = buildHosts([serviceEntry(["a\n10.0.0.1 bank.example"], ["192.0.2.1"])], self);
    expect(text).not.toContain("bank");
  });

  it("come with a resolver that fails at once", () => {
    expect(buildResolvConf("default", ["10.244.1.1", "fd00::1"])).toContain(
      "nameserver 127.0.0.1\nsearch default.svc.cluster.local",
    );
    expect(buildResolvConf("default", ["fd00::1"])).toContain("nameserver ::1\n");
  });
});
