import { withAutoAddresses } from "./auto-address.ts";
import { serviceEntryServices } from "./service-entry.ts";
import { settingsFrom } from "./settings.ts";
import { parseDocuments } from "../model/index.ts";
import type { Service } from "./types.ts";

const settings = settingsFrom(undefined);

function entries(names: readonly string[], more: object = {}): Service[] {
  const text = names.map((name) =>
    JSON.stringify({
      apiVersion: "networking.istio.io/v1",
      kind: "ServiceEntry",
      metadata: { name, namespace: "default" },
      spec: { hosts: [`${name}.example.com`], resolution: "DNS", ports: [{ name: "http", number: 80 }], ...more },
    }),
  );
  const { objects } = parseDocuments(text.join("\n---\n"), "in.yaml");
  return objects.flatMap((object) => (object.kind === "ServiceEntry" ? serviceEntryServices(settings, object) : []));
}

const byHost = (services: readonly Service[]): Record<string, string | undefined> =>
  Object.fromEntries(services.map(({ hostname, autoAddresses }) => [hostname, autoAddresses?.[0]]));

const many = Array.from({ length: 1_000 }, (_, n) => `host-${n}`); // enough for some to fall on one address

it("gives every host an address of its own in 240.240.0.0/16, the same whatever the order", () => {
  const given = byHost(withAutoAddresses(entries(many)));
  const addresses = Object.values(given);
  expect(new Set(addresses).size).toBe(many.length);
  for (const address of addresses) expect(address).toMatch(/^240\.240\.\d{1,3}\.\d{1,3}$/);
  expect(addresses).not.toContain("240.240.0.0");
  expect(addresses).not.toContain("240.240.255.255");
  expect(byHost(withAutoAddresses(entries(many.toReversed())))).toEqual(given);
});

it("leaves the others where they are when one goes, unless they had to make way for it", () => {
  const given = byHost(withAutoAddresses(entries(many)));
  const fewer = byHost(withAutoAddresses(entries(many.slice(1))));
  const moved = Object.keys(fewer).filter((host) => fewer[host] !== given[host]);
  expect(moved.length).toBeLessThanOrEqual(1);
});

it("gives the same objects for the same services, so that nothing is built anew", () => {
  const services = entries(many.slice(0, 5));
  withAutoAddresses(services).forEach((service, n) => expect(service).toBe(withAutoAddresses(services)[n]));
});

it.each([
  ["addresses of its own", { addresses: ["192.0.2.1"] }],
  ["resolution NONE", { resolution: "NONE" }],
  ["a wildcard", { hosts: ["*.example.com"], resolution: "STATIC", endpoints: [{ address: "192.0.2.1" }] }],
])("gives none to a host with %s", (_, spec) => {
  const services = entries(["a"], spec);
  expect(services).toHaveLength(1);
  expect(withAutoAddresses(services)[0]).toBe(services[0]);
});

it("gives the same place in IPv6 too", () => {
  const [service] = withAutoAddresses(entries(["a"]));
  const [v4 = "", v6] = service?.autoAddresses ?? [];
  const [, , high, low] = v4.split(".").map(Number);
  expect(v6).toBe(`2001:2::f0f0:${((high ?? 0) * 256 + (low ?? 0)).toString(16)}`);
});
