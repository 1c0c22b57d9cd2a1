import { hash } from "node:crypto";
import { memoNamed } from "../lib/index.ts";
import { byCreation } from "../model/index.ts";
import type { Service } from "./types.ts";

/** 240.240.0.0/16, of the range that nobody routes; the first and the last address are left out. */
const network = [240, 240] as const;
const usable = 65_534;

const place = (text: string): number => hash("sha256", text, "buffer").readUInt32BE(0) % usable;

function addressAt(index: number): string {
  return [...network, (index + 1) >> 8, (index + 1) & 255].join(".");
}

/** Whether a service is given an address: one that could not be told by an address otherwise, and that the proxy can look up. */
function wantsAddress({ registry, hostname, addresses, resolution }: Service): boolean {
  return registry === "External" && addresses.length === 0 && !hostname.startsWith("*") && resolution !== "NONE";
}

const withAddress = memoNamed((service: Service, address: string): Service =>
  Object.freeze({ ...service, autoAddresses: Object.freeze([address, ipv6Of(address)]) }),
);

/** The same place in 2001:2::/48, which is for benchmarks and nobody routes either: the last two bytes are those of the IPv4 address. */
function ipv6Of(address: string): string {
  const [, , high, low] = address.split(".").map(Number);
  return `2001:2::f0f0:${(((high ?? 0) << 8) | (low ?? 0)).toString(16)}`;
}

/**
 * Gives each host of a ServiceEntry without addresses one of its own, for proxies that answer DNS: by its name, so that replicas and
 * restarts agree without having to ask each other. Where two names fall on one address the older object keeps it.
 * https://istio.io/latest/docs/ops/configuration/traffic-management/dns-proxy/#address-auto-allocation
 */
export function withAutoAddresses(services: readonly Service[]): readonly Service[] {
  const wanting = services.filter(wantsAddress).sort((a, b) => byCreation(a.object, b.object));
  const takenBy = new Map<string, string>();
  const chosen = new Map<Service, string>();
  for (const service of wanting.slice(0, usable / 2)) {
    const key = `${service.namespace}/${service.hostname}`;
    let at = place(key);
    while ((takenBy.get(addressAt(at)) ?? key) !== key) at = (at + 1) % usable;
    takenBy.set(addressAt(at), key);
    chosen.set(service, addressAt(at));
  }
  return services.map((service) => {
    const address = chosen.get(service);
    return address === undefined ? service : withAddress(service, address);
  });
}
