import { codes } from "../codes.ts";
import { checkWildcardHost, isLabel, normalHost, show } from "../names.ts";
import { each, type Place } from "../report.ts";
import type { GatewaySpec } from "../types.ts";

/** Hosts in lower case without a final dot; the namespace before the slash stays as written. The object is not frozen yet. */
export function normaliseServerHosts(spec: GatewaySpec): void {
  for (const server of spec.servers ?? []) {
    const hosts = server.hosts.map((entry) => {
      const slash = entry.lastIndexOf("/");
      return entry.slice(0, slash + 1) + normalHost(entry.slice(slash + 1));
    });
    (server as { hosts: readonly string[] }).hosts = hosts;
  }
}

/** `dnsName` or `namespace/dnsName`: https://istio.io/latest/docs/reference/config/networking/gateway/#Server-hosts */
export function checkServerHosts(hosts: readonly string[], place: Place): void {
  if (hosts.length === 0) return place.error(codes.incomplete, "needs at least one host", 'write "*" for any');
  const seen = new Set<string>();
  each(hosts, place, (entry, at) => {
    if (seen.has(entry)) at.error(codes.duplicate, `the host "${show(entry)}" stands twice`);
    seen.add(entry);
    const [namespace = "", host, ...more] = entry.split("/");
    if (host === undefined) return checkServerHost(entry, at);
    if (more.length > 0) return at.error(codes.host, `"${show(entry)}" is not a host`, "write host or namespace/host");
    if (namespace !== "*" && namespace !== "." && !isLabel(namespace))
      at.error(
        codes.host,
        `"${show(namespace)}" is not a namespace`,
        'write a namespace, "." for its own, "*" for all',
      );
    checkServerHost(host, at);
  });
}

/** A short name means nothing to those who call from outside. */
function checkServerHost(host: string, place: Place): void {
  if (host === "*") return;
  if (!host.includes(".")) return place.error(codes.host, `"${show(host)}" is a short name`, "write the whole name");
  checkWildcardHost(host, place);
}
