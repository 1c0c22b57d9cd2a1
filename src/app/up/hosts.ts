import ipaddr from "ipaddr.js";
import { byCodeUnit } from "../../lib/index.ts";
import { objectKey, type MeshObject } from "../../model/index.ts";
import { familyOf } from "./ranges.ts";

const hostName = /^[a-z0-9_]([-a-z0-9_]{0,62})(\.[a-z0-9_]([-a-z0-9_]{0,62}))*$/i;

interface Line {
  readonly address: string;
  readonly names: readonly string[];
}

function serviceNames(
  { name, namespace }: { name: string; namespace: string },
  from: string,
  domain: string,
): string[] {
  const qualified = [`${name}.${namespace}`, `${name}.${namespace}.svc`, `${name}.${namespace}.svc.${domain}`];
  return namespace === from ? [name, ...qualified] : qualified;
}

function selects(selector: Readonly<Record<string, string>>, labels: Readonly<Record<string, string>>): boolean {
  const wanted = Object.entries(selector);
  return wanted.length > 0 && wanted.every(([key, value]) => labels[key] === value);
}

/** A headless service is the addresses of its pods, and those that have a name under it are there by that, too. */
function serviceLines(service: MeshObject<"Service">, pods: readonly MeshObject<"Pod">[], names: string[]): Line[] {
  const { headless, clusterIPs, ipFamilies, selector } = service.spec;
  if (!headless) return clusterIPs.map((address) => ({ address, names }));
  return pods
    .filter((pod) => pod.metadata.namespace === service.metadata.namespace)
    .filter((pod) => pod.spec.ready && selects(selector ?? {}, pod.metadata.labels))
    .flatMap(({ spec: { podIPs, hostname, subdomain } }) => {
      const own =
        hostname !== undefined && subdomain === service.metadata.name ? names.map((n) => `${hostname}.${n}`) : [];
      return podIPs.map((address) => ({ address, names: [...names, ...own] }));
    })
    .filter(({ address }) => ipFamilies.length === 0 || ipFamilies.includes(familyOf(address)));
}

/** A host outside is at its own addresses, else where its endpoints are. */
function entryAddresses({ spec }: MeshObject<"ServiceEntry">): string[] {
  const own = spec.addresses ?? [];
  return (own.length > 0 ? own : (spec.endpoints ?? []).map(({ address }) => address ?? "")).filter((a) =>
    ipaddr.isValid(a),
  );
}

/** The ExternalNames that lead to a service. */
function aliasesOf({ metadata }: MeshObject<"Service">, objects: readonly MeshObject[], domain: string): MeshObject[] {
  const own = `${metadata.name}.${metadata.namespace}.svc.${domain}`;
  return objects.filter((other) => isAliasOf(other, [own]));
}

function isAliasOf(object: MeshObject, hosts: readonly string[]): boolean {
  if (object.kind !== "Service" || object.spec.type !== "ExternalName") return false;
  return hosts.includes((object.spec.externalName ?? "").toLowerCase().replace(/\.$/, ""));
}

/**
 * What /etc/hosts says to a workload: itself, and each service by the names Kubernetes' DNS would know it by (short ones in
 * its own namespace only). Nothing that is not a host name becomes part of a line.
 * https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
 */
export function buildHosts(objects: readonly MeshObject[], self: MeshObject<"Pod">, domain = "cluster.local"): string {
  const sorted = [...objects].sort((a, b) => byCodeUnit(objectKey(a), objectKey(b)));
  const pods = sorted.filter((object) => object.kind === "Pod");
  const lines: Line[] = [
    { address: "127.0.0.1", names: ["localhost"] },
    { address: "::1", names: ["localhost", "ip6-localhost"] },
    ...self.spec.podIPs.map((address) => ({ address, names: [self.metadata.name] })),
  ];
  for (const object of sorted) {
    if (object.kind === "Service") {
      const names = [object, ...aliasesOf(object, sorted, domain)].flatMap(({ metadata }) =>
        serviceNames(metadata, self.metadata.namespace, domain),
      );
      lines.push(...serviceLines(object, pods, names));
    }
    if (object.kind === "ServiceEntry") {
      const aliases = sorted.filter((other) => isAliasOf(other, object.spec.hosts ?? []));
      const other = aliases.flatMap(({ metadata }) => serviceNames(metadata, self.metadata.namespace, domain));
      const names = [...(object.spec.hosts ?? []), ...other];
      lines.push(...entryAddresses(object).map((address) => ({ address, names })));
    }
  }
  return lines
    .map(({ address, names }) => ({ address, names: names.filter((name) => hostName.test(name)) }))
    .filter(({ names }) => names.length > 0)
    .map(({ address, names }) => `${address}\t${names.join(" ")}\n`)
    .join("");
}

/** No resolver but what the proxy may offer on its loopback: a name that hosts does not know fails at once instead of after seconds. */
export function buildResolvConf(namespace: string, addresses: readonly string[], domain = "cluster.local"): string {
  const search = [`${namespace}.svc.${domain}`, `svc.${domain}`, domain].join(" ");
  const loopback = addresses.length > 0 && addresses.every((address) => address.includes(":")) ? "::1" : "127.0.0.1";
  return `nameserver ${loopback}\nsearch ${search}\noptions ndots:5 attempts:1 timeout:2\n`;
}
