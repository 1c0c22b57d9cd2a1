import { codes } from "../codes.ts";
import { checkWildcardHost, isLabel, normalHost, show } from "../names.ts";
import { each, type Place } from "../report.ts";

/** `namespace/dnsName`: https://istio.io/latest/docs/reference/config/networking/sidecar/#IstioEgressListener-hosts */
export function checkEgressHosts(hosts: readonly string[], own: string, place: Place): void {
  if (hosts.length === 0)
    return place.error(codes.incomplete, "needs at least one host", 'write "./*" for the own namespace');
  const seen = new Set<string>();
  each(hosts, place, (entry, at) => {
    const slash = entry.indexOf("/");
    if (slash === -1)
      return at.error(
        codes.host,
        `"${show(entry)}" has no namespace`,
        `write "*/${show(entry)}" or "./${show(entry)}"`,
      );
    const namespace = entry.slice(0, slash);
    const host = normalHost(entry.slice(slash + 1));
    const name = namespace.replace(/^~(?=.)/, "");
    if (!["*", ".", "~"].includes(name) && !isLabel(name))
      at.error(codes.host, `"${show(namespace)}" is not a namespace`);
    if (host !== "*") checkWildcardHost(host, at);
    const key = `${namespace === "." ? own : namespace}/${host}`;
    if (seen.has(key) || seen.has(`${key.slice(0, key.indexOf("/"))}/*`))
      at.warn(codes.duplicate, `"${show(entry)}" is covered already`);
    seen.add(key);
  });
  if (seen.has("*/*") && seen.size > 1 && ![...seen].some((key) => key.startsWith("~")))
    place.warn(codes.noEffect, "*/* selects everything: the other hosts change nothing");
}
