import { contentHash, byCodeUnit, memo, memoNamed } from "../../lib/index.ts";
import { objectKey, type MeshObject } from "../../model/index.ts";

/** Where a mesh without Kubernetes takes its addresses from: the ranges kind uses, so that nothing surprises. */
export const podRange = { prefix: "10.244", bits: 16, gateway: "10.244.0.1" } as const;
const serviceRange = { prefix: "10.96" } as const;

const slots = 65_536;
const firstSlot = 256; // the first 256 addresses are for bridges and for people

type Addressed = "Pod" | "Service";

function needsAddress(object: MeshObject): object is MeshObject<Addressed> {
  if (object.kind === "Pod") return object.spec.podIPs.length === 0 && !object.spec.hostNetwork;
  if (object.kind !== "Service") return false;
  return object.spec.type !== "ExternalName" && !object.spec.headless && object.spec.clusterIPs.length === 0;
}

/** The same object for the same input, so that all that is derived from it stays as it is. */
const withAddress = memoNamed((object: MeshObject<Addressed>, address: string): MeshObject<Addressed> => {
  const addresses = Object.freeze([address]);
  if (object.kind === "Pod")
    return Object.freeze({ ...object, spec: Object.freeze({ ...object.spec, podIPs: addresses }) });
  return Object.freeze({ ...object, spec: Object.freeze({ ...object.spec, clusterIPs: addresses }) });
});

/** A name's own slot, or the next that is free; undefined when the range is full. */
function slotFor(key: string, taken: Set<string>, prefix: string): string | undefined {
  const start = Buffer.from(contentHash(key), "base64url").readUInt32BE(0);
  const usable = slots - firstSlot;
  for (let probe = 0; probe < usable; probe++) {
    const slot = firstSlot + ((start + probe) % usable);
    const address = `${prefix}.${slot >> 8}.${slot & 255}`;
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
 * Gives Pods and Services without an address one, as a cluster would: pods from 10.244.0.0/16, services from 10.96.0.0/16. The
 * address follows from the object's name, so it is the same in every run and in every process; an address that is written
 * stays. Objects that need none stay the same objects; when nothing needs one, the list is the same list.
 */
export const withAddresses = memo((objects: readonly MeshObject[]): readonly MeshObject[] => {
  const wanting = objects.filter(needsAddress);
  if (wanting.length === 0) return objects;
  const taken = addressesIn(objects);
  const given = new Map<MeshObject, MeshObject>();
  // In the order of their names: which of two colliding names moves on must not depend on the order of files.
  for (const object of [...wanting].sort((a, b) => byCodeUnit(objectKey(a), objectKey(b)))) {
    const range = object.kind === "Pod" ? podRange : serviceRange;
    const address = slotFor(objectKey(object), taken, range.prefix);
    if (address === undefined) continue;
    taken.add(address);
    given.set(object, withAddress(object, address));
  }
  return Object.freeze(objects.map((object) => given.get(object) ?? object));
});
