import { isSubsetOf } from "../host.ts";

/** `*.example.com` of `prod/*.example.com`. */
export function withoutNamespace(entry: string): string {
  return entry.slice(entry.indexOf("/") + 1);
}

/** The hosts that VirtualServices of a namespace may bind to: `*` and no namespace mean any, `.` the Gateway's own. */
export function hostsOpenTo(entries: readonly string[], owner: string, namespace: string): readonly string[] {
  return entries
    .filter((entry) => {
      const slash = entry.indexOf("/");
      const allowed = slash < 0 ? "*" : entry.slice(0, slash);
      return allowed === "*" || (allowed === "." ? owner : allowed) === namespace;
    })
    .map(withoutNamespace);
}

/** What two lists of hosts have in common: of each pair of which one covers the other, the narrower. In the order of the second. */
export function commonHosts(server: readonly string[], wanted: readonly string[]): readonly string[] {
  const common = wanted.flatMap((host) =>
    server.flatMap((open) => (isSubsetOf(host, open) ? [host] : isSubsetOf(open, host) ? [open] : [])),
  );
  return [...new Set(common)];
}
