import { contentHash, byCodeUnit, memo, memoNamed } from "../../lib/index.ts";
import { objectKey, type IpFamily, type MeshObject } from "../../model/index.ts";
import { addressAt, rangesOf } from "./ranges.ts";

const slots = 65_536;
const firstSlot = 256; // the first 256 addresses are for bridges and for people

/** Which IP versions a pod of a mesh without Kubernetes has, on the Pod or its Namespace: `IPv4` (also where nothing is said), `IPv6`, `IPv4,IPv6`. */
const familiesAnnotation = "heddle.io/ip-families";

type Addressed = "Pod" | "Service";

function needsAddress(object: MeshObject): object is MeshObject<Addressed> {
  if (object.kind === "Pod") return object.spec.podIPs.length === 0 && !object.spec.hostNetwork;
  if (object.kind !== "Service") return false;
  return object.spec.type !== "ExternalName" && !object.spec.headless && object.spec.clusterIPs.length === 0;
}

/** What a cluster would give: a Service what it asks for, a Pod what its annotation says; IPv4 where nothing is said. */
function familiesOf(object: MeshObject<Addressed>, namespaces: ReadonlyMap<string, string>): readonly IpFamily[] {
  const { annotations, namespace } = object.metadata;
  const said = annotations[familiesAnnotation] ?? namespaces.get(namespace) ?? "";
  const written = said.split(",").map((word) => word.trim());
  const asked =
    object.kind === "Service"
      ? object.spec.ipFamilies
      : [...new Set(written)].filter((word) => word === "IPv4" || word === "IPv6");
  return asked.length > 0 ? asked : ["IPv4"];
}

/** What namespaces say about their pods. */
function familiesOfNamespaces(objects: readonly MeshObject[]): ReadonlyMap<string, string> {
  const said = objects.map(({ kind, metadata }) =>
    kind === "Namespace" ? ([metadata.name, metadata.annotations[familiesAnnotation] ?? ""] as const) : undefined,
  );
  return new Map(said.filter((entry) => entry !== undefined));
}

/** The same object for the same input, so that all that is derived from it stays as it is. */
const withAddress = memoNamed((object: MeshObject<Addressed>, list: string): MeshObject<Addressed> => {
  const addresses = Object.freeze(list.split(","));
  if (object.kind === "Pod")
    return Object.freeze({ ...object, spec: Object.freeze({ ...object.spec, podIPs: addresses }) });
  return Object.freeze({ ...object, spec: Object.freeze({ ...object.spec, clusterIPs: addresses }) });
});

/** A name's own slot, or the next that is free; undefined when the range is full. */
function slotFor(key: string, taken: Set<string>, addressOf: (slot: number) => string): string | undefined {
  const start = Buffer.from(contentHash(key), "base64url").readUInt32BE(0);
  const usable = slots - firstSlot;
  for (let probe = 0; probe < usable; probe++) {
    const address = addressOf(firstSlot + ((start + probe) % usable));
    if (!taken.has(address)) return address;
  }
  return undefined;
}

function addressesIn(objects: readonly MeshObject[]): Set<string> {
  const taken = new Set<string>();
  for (const object of objects) {
    if (object.kind === "Pod") object.spec.podIPs.forEach((address) => taken.add(address));
    if (object.kind === "Service") object.spec.clusterIPs.forEach((address) => taken.add(address));
  }
  return taken;
}

/**
 * Gives Pods and Services without an address one, as a cluster would: pods from 10.244.0.0/16 or fd00:10:244::/112, services from
 * 10.96.0.0/16 or fd00:10:96::/112, one for each IP version that they have. The address follows from the object's name, so it is the
 * same in every run and in every process; an address that is written stays. Objects that need none stay the same objects; when nothing
 * needs one, the list is the same list.
 */
export const withAddresses = memo((objects: readonly MeshObject[]): readonly MeshObject[] => {
  const wanting = objects.filter(needsAddress);
  if (wanting.length === 0) return objects;
  const taken = addressesIn(objects);
  const namespaces = familiesOfNamespaces(objects);
  const given = new Map<MeshObject, MeshObject>();
  // In the order of their names: which of two colliding names moves on must not depend on the order of files.
  for (const object of [...wanting].sort((a, b) => byCodeUnit(objectKey(a), objectKey(b)))) {
    const addresses = familiesOf(object, namespaces).flatMap((family) => {
      const { pods, services } = rangesOf(family);
      const prefix = object.kind === "Pod" ? pods : services;
      return slotFor(objectKey(object), taken, (slot) => addressAt(family, prefix, slot)) ?? [];
    });
    if (addresses.length === 0) continue;
    for (const address of addresses) taken.add(address);
    given.set(object, withAddress(object, addresses.join()));
  }
  return Object.freeze(objects.map((object) => given.get(object) ?? object));
});
