import ipaddr from "ipaddr.js";
import type { DnsTable_DnsVirtualDomain } from "../../../generated/envoy/data/dns/v3/dns_table.ts";
import { byCodeUnit } from "../../lib/index.ts";
import type { Scope, Service, VisibleService } from "../../mesh/index.ts";
import { domainsFor } from "../route/domains.ts";
import { speaks, type Families } from "./families.ts";
import { addressesOfEndpoint, type EndpointsOf } from "./headless.ts";

/** Names and their addresses, sorted by name. */
export type DnsTable = readonly (readonly [name: string, addresses: readonly string[]])[];

/** Seconds; Envoy takes no less. */
const answerTtl = { seconds: 30, nanos: 0 };

/**
 * What a proxy answers by itself: each service of the scope that has an address it speaks, by its hostname and, for a Kubernetes
 * service, the short forms that a search domain would complete (the shortest in its own namespace only). A headless service is its
 * ready pods, which also answer to names of their own under it (of a StatefulSet); a host outside also has the names that search domains make of it. A hostname goes before another's short form. https://istio.io/latest/docs/ops/configuration/traffic-management/dns-proxy/
 */
export function dnsTableFor(scope: Scope, families: Families, endpointsOf: EndpointsOf): DnsTable {
  const table = new Map<string, readonly string[]>();
  const known = scope.services.map((visible) => ({
    visible,
    service: visible.service,
    addresses: addressesOf(visible, families, endpointsOf),
  }));
  const answering = known.filter(({ addresses }) => addresses.length > 0);
  for (const { service, addresses } of answering) table.set(service.hostname, addresses);
  for (const { service, addresses } of answering) {
    for (const name of [...domainsFor(service, scope).filter(isName), ...searched(service, scope)])
      if (!table.has(name)) table.set(name, addresses);
  }
  for (const { visible } of known.filter(({ service }) => service.headless))
    for (const [name, addresses] of podNames(visible, scope, families, endpointsOf))
      if (!table.has(name)) table.set(name, addresses);
  return [...table].sort(([a], [b]) => byCodeUnit(a, b));
}

/** `web-0.web.default.svc.cluster.local` and its short forms. https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-network-id */
function podNames(visible: VisibleService, scope: Scope, families: Families, endpointsOf: EndpointsOf): DnsTable {
  const names = domainsFor(visible.service, scope).filter(isName);
  const ready = endpointsOf(visible).endpoints.filter(({ healthy }) => healthy);
  return [...Map.groupBy(ready, ({ hostname = "" }) => hostname)].flatMap(([hostname, pods]) => {
    const own = pods.flatMap(addressesOfEndpoint).filter((address) => isAnswer(address) && speaks(families, address));
    const addresses = [...new Set(own)].sort(byCodeUnit);
    if (hostname === "" || addresses.length === 0) return [];
    return names.map((name) => [`${hostname}.${name}`, addresses] as const);
  });
}

/** A pod's resolver tries a name with each search domain first while it has fewer dots than this. */
const ndots = 5;

/** What a resolver makes of a host outside before it asks for the host itself: so that nobody else is asked, and answers. */
function searched({ hostname, registry }: Service, { namespace, settings: { domain } }: Scope): string[] {
  if (registry === "Kubernetes" || hostname.startsWith("*") || hostname.split(".").length > ndots) return [];
  return [`${namespace}.svc.${domain}`, `svc.${domain}`, domain].map((search) => `${hostname}.${search}`);
}

/** Not the wildcards of headless services, whose pods have names of their own, and no addresses. */
function isName(domain: string): boolean {
  return !domain.endsWith(".") && !domain.startsWith("*") && !domain.startsWith("[") && !ipaddr.isValid(domain);
}

/** Nobody is at `::`, for which an Envoy would refuse the whole table. */
function isAnswer(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.parse(address).range() !== "unspecified";
}

function addressesOf(visible: VisibleService, families: Families, endpointsOf: EndpointsOf): readonly string[] {
  const { addresses, autoAddresses = [], headless } = visible.service;
  const own = headless ? readyAddresses(visible, endpointsOf) : addresses;
  const all = own.length === 0 ? autoAddresses : own;
  return all.filter((address) => isAnswer(address) && speaks(families, address));
}

function readyAddresses(visible: VisibleService, endpointsOf: EndpointsOf): string[] {
  const ready = endpointsOf(visible).endpoints.filter(({ healthy }) => healthy);
  return [...new Set(ready.flatMap(addressesOfEndpoint))].sort(byCodeUnit);
}

/** The table in Envoy's words. */
export function buildVirtualDomains(table: DnsTable): DnsTable_DnsVirtualDomain[] {
  return table.map(([name, addresses]) => ({
    name,
    endpoint: { addressList: { address: [...addresses] } },
    answerTtl,
  }));
}
