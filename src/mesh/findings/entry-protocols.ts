import { memo } from "../../lib/index.ts";
import type { MeshObject } from "../../model/index.ts";
import { protocolFor } from "../protocol.ts";
import type { Protocol } from "../types.ts";
import { codes, type Finding } from "./finding.ts";

type Entry = MeshObject<"ServiceEntry">;

interface Said {
  readonly object: Entry;
  readonly protocol: Protocol;
}

/** ServiceEntries that give one port of a host different protocols, where somebody sees both: the older one's counts. */
export const entryProtocols = memo((entries: readonly Entry[]): readonly Finding[] => {
  const before = new Map<string, Said[]>(); // by host and port
  return entries.flatMap((object) =>
    (object.spec.ports ?? []).flatMap((port, i): Finding[] => {
      const protocol = protocolFor(port.protocol ?? "", undefined, port.number);
      let other: Said | undefined;
      for (const host of new Set(object.spec.hosts.map((one) => one.toLowerCase()))) {
        const key = `${host}:${port.number}`;
        const said = before.get(key) ?? [];
        other ??= said.find((one) => one.protocol !== protocol && meet(one.object, object));
        before.set(key, [...said, { object, protocol }]);
      }
      if (!other) return [];
      const { namespace, name } = other.object.metadata;
      const message = `ServiceEntry ${namespace}/${name} says that port ${port.number} of the host speaks ${other.protocol}`;
      const hint = "say the same in both, or export each to those that it is for";
      return [{ code: codes.protocolsOfOneHost, object, path: ["spec", "ports", i, "protocol"], message, hint }];
    }),
  );
});

/** Whether some namespace sees both. */
function meet(a: Entry, b: Entry): boolean {
  const [those, these] = [scopesOf(a), scopesOf(b)];
  if (those.size === 0 || these.size === 0) return false;
  return those.has("*") || these.has("*") || [...those].some((namespace) => these.has(namespace));
}

const scopesOf = memo(({ spec, metadata }: Entry): ReadonlySet<string> => {
  const written = spec.exportTo?.length ? spec.exportTo : ["*"];
  return new Set(written.filter((one) => one !== "~").map((one) => (one === "." ? metadata.namespace : one)));
});
