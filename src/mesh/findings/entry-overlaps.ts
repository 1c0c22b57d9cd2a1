import { memo, memo2 } from "../../lib/index.ts";
import type { MeshObject } from "../../model/index.ts";
import { sameContent } from "../sharing.ts";
import type { Service } from "../types.ts";
import { servicesByHost, type Registry } from "../registry.ts";
import { codes, type Finding } from "./finding.ts";

/**
 * ServiceEntries for a host that another namespace defines in another way, both for everybody: a namespace uses its own, all others
 * the first, and what the second says (its endpoints too) is not used there.
 */
export function entryOverlaps({ services, entries }: Registry): readonly Finding[] {
  return sharedHosts(services).flatMap(([first, ...others]) => {
    const before = newest(entries, first);
    return others
      .map((other) => newest(entries, other))
      .flatMap((object) =>
        object.kind === "ServiceEntry" && !saysTheSame(before, object) ? [overlap(object, before, first.hostname)] : [],
      );
  });
}

type Group = readonly [Service, ...Service[]];

/** The services of hosts that several namespaces define for everybody: the first of each is everybody's. */
const sharedHosts = memo((services: readonly Service[]): readonly Group[] =>
  [...servicesByHost(services).values()].flatMap((group) => {
    const [first, ...others] = group.filter(({ exportTo }) => exportTo.includes("*"));
    return first && others.length > 0 ? [[first, ...others]] : [];
  }),
);

/** A service keeps an older object while only endpoints change. */
function newest(entries: Registry["entries"], { namespace, hostname, object }: Service): Service["object"] {
  return entries.get(`${namespace}/${hostname}`)?.value.parts[0]?.object ?? object;
}

/** Several teams may declare one outside host alike. */
const saysTheSame = memo2((a: MeshObject, b: MeshObject): boolean => a.kind === b.kind && sameContent(a.spec, b.spec));

function overlap(object: MeshObject<"ServiceEntry">, first: MeshObject, hostname: string): Finding {
  const i = object.spec.hosts.findIndex((host) => host.toLowerCase() === hostname);
  const { namespace, name } = first.metadata;
  const message = `${first.kind} ${namespace}/${name} defines ${hostname} in another way: only namespace ${object.metadata.namespace} uses this one`;
  const hint = "export it to the namespaces that it is for, or merge both";
  return { code: codes.entryOverlap, object, path: ["spec", "hosts", i], message, hint, level: "info" };
}
