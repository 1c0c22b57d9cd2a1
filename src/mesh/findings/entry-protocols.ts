import { memo, replacements } from "../../lib/index.ts";
import type { MeshObject } from "../../model/index.ts";
import { protocolFor } from "../protocol.ts";
import { sameContent } from "../sharing.ts";
import type { MeshSettings, Protocol } from "../types.ts";
import { codes, type Finding } from "./finding.ts";

type Entry = MeshObject<"ServiceEntry">;

/** What an entry says of a port of one of its hosts. */
interface Saying {
  readonly object: Entry;
  readonly key: string; // host and port
  readonly index: number; // of the port
  readonly protocol: Protocol;
}

/** ServiceEntries that give one port of a host different protocols, where somebody sees both: the older one's counts. */
export function entryProtocols(settings: MeshSettings, entries: readonly Entry[]): readonly Finding[] {
  const last = latest(settings);
  if (last.entries && last.findings?.length === 0 && saySame(last.entries, entries)) last.entries = entries;
  else if (last.entries !== entries) Object.assign(last, { entries, findings: protocolsOf(entries) });
  return last.findings ?? [];
}

/** Most edits of entries are of their endpoints. */
const latest = memo((_settings: MeshSettings): { entries?: readonly Entry[]; findings?: readonly Finding[] } => ({}));

/** None of them says anything else of its ports than the one in whose place it stands. */
function saySame(before: readonly Entry[], after: readonly Entry[]): boolean {
  const said = ({ metadata: { namespace }, spec: { hosts, ports, exportTo } }: Entry) => [
    namespace,
    hosts,
    ports,
    exportTo,
  ];
  return replacements(before, after)?.every(({ old, item }) => sameContent(said(old), said(item))) ?? false;
}

function protocolsOf(entries: readonly Entry[]): readonly Finding[] {
  const first = new Map<string, Saying>();
  const further = new Map<string, Saying[]>(); // of the few hosts that several entries have
  const told = new Map<string, Finding>();
  for (const object of entries) {
    for (const saying of sayingsOf(object)) {
      const known = first.get(saying.key);
      if (!known) {
        first.set(saying.key, saying);
        continue;
      }
      const others = further.get(saying.key) ?? [];
      further.set(saying.key, [...others, saying]);
      const other = [known, ...others].find((one) => one.protocol !== saying.protocol && meet(one.object, object));
      const place = `${object.metadata.namespace}/${object.metadata.name}/${saying.index}`;
      if (other && !told.has(place)) told.set(place, twofold(saying, other));
    }
  }
  return [...told.values()];
}

const sayingsOf = memo((object: Entry): readonly Saying[] => {
  const hosts = [...new Set(object.spec.hosts.map((host) => host.toLowerCase()))];
  return (object.spec.ports ?? []).flatMap(({ protocol = "", number }, index) =>
    hosts.map((host) => ({
      object,
      key: `${host}:${number}`,
      index,
      protocol: protocolFor(protocol, undefined, number),
    })),
  );
});

function twofold({ object, index }: Saying, other: Saying): Finding {
  const { namespace, name } = other.object.metadata;
  const port = object.spec.ports?.[index]?.number;
  const message = `ServiceEntry ${namespace}/${name} says that port ${port} of the host speaks ${other.protocol}`;
  const hint = "say the same in both, or export each to those that it is for";
  return { code: codes.protocolsOfOneHost, object, path: ["spec", "ports", index, "protocol"], message, hint };
}

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
