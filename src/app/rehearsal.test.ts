import { setImmediate } from "node:timers/promises";
import { counters } from "../envoy/index.ts";
import { buildSnapshot, likelyProxies, type Snapshot } from "../mesh/index.ts";
import { parseDocuments } from "../model/index.ts";
import { describeProxy } from "./describe.ts";
import { createRehearsal } from "./rehearsal.ts";

const entry = (name: string, namespace: string, address: string): string => `---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: ${name}, namespace: ${namespace} }
spec:
  hosts: [${name}.test]
  ports: [{ number: 80, name: http, protocol: HTTP }]
  resolution: STATIC
  endpoints: [{ address: ${address} }]
`;

function snapshotWith(tag: string): Snapshot {
  const files = ["one", "two"].map((namespace, i) => entry(`${tag}-${namespace}`, namespace, `10.0.0.${i + 1}`));
  return buildSnapshot(parseDocuments(files.join(""), "in.yaml").objects).snapshot;
}

function describeAll(snapshot: Snapshot): void {
  for (const proxy of likelyProxies(snapshot)) describeProxy(snapshot, proxy, { vhds: true, onDemandClusters: true });
}

/** How much is encoded while the loop turns often enough for all that was begun. */
async function encodedBy(begin: () => void): Promise<number> {
  const before = counters.encoded;
  begin();
  for (let turn = 0; turn < 20; turn++) await setImmediate();
  return counters.encoded - before;
}

it("leaves nothing to encode to those who come", async () => {
  const snapshot = snapshotWith("idle");
  expect(await encodedBy(() => createRehearsal(true, () => true)(snapshot))).toBeGreaterThan(4);
  expect(await encodedBy(() => describeAll(snapshot))).toBe(0);
});

it("does nothing while somebody is connected, and ends when somebody connects", async () => {
  const snapshot = snapshotWith("busy");
  expect(await encodedBy(() => createRehearsal(true, () => false)(snapshot))).toBe(0);
  let asked = 0;
  const begun = await encodedBy(() => createRehearsal(true, () => (asked += 1) <= 2)(snapshot));
  expect(begun).toBeGreaterThan(0);
  expect(await encodedBy(() => describeAll(snapshot))).toBeGreaterThan(0);
});

it("says when all is made, unless somebody has connected meanwhile", async () => {
  const done: string[] = [];
  let asked = 0;
  await encodedBy(() =>
    createRehearsal(
      true,
      () => true,
      () => done.push("idle"),
    )(snapshotWith("done")),
  );
  await encodedBy(() =>
    createRehearsal(
      true,
      () => (asked += 1) <= 2,
      () => done.push("busy"),
    )(snapshotWith("late")),
  );
  expect(done).toEqual(["idle"]);
});

it("goes on with the newest mesh only", async () => {
  const [old, fresh] = [snapshotWith("old"), snapshotWith("fresh")];
  const rehearse = createRehearsal(true, () => true);
  await encodedBy(() => {
    rehearse(old);
    rehearse(fresh);
  });
  expect(await encodedBy(() => describeAll(fresh))).toBe(0);
  expect(await encodedBy(() => describeAll(old))).toBeGreaterThan(0);
});
