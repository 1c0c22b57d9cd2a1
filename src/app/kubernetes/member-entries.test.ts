import type { KubernetesApi } from "../../cluster/index.ts";
import { createLog } from "../../lib/index.ts";
import { heldClock } from "../../lib/testdata/clock.ts";
import type { Member } from "../../mesh/index.ts";
import { parseDocuments, type MeshObject } from "../../model/index.ts";
import { memberEntries, removeStaleEntries } from "./member-entries.ts";

const list = "/apis/networking.istio.io/v1/namespaces/shop/workloadentries";
const log = createLog("silent");
const member: Member = {
  ...{ group: "vms", namespace: "shop", serviceAccount: "vm", address: "10.9.0.1" },
  ...{ network: "", labels: {}, locality: "" },
};
const parse = (yaml: string): readonly MeshObject[] => parseDocuments(yaml, "it.yaml").objects;
const group = (weight: number) => `apiVersion: networking.istio.io/v1
kind: WorkloadGroup
metadata: { name: vms, namespace: shop, uid: u1 }
spec: { template: { serviceAccount: vm, weight: ${weight} } }
`;

interface Stored {
  readonly metadata: Record<string, unknown>;
  readonly spec?: unknown;
}

/** An API server that keeps what it is told; `fails` of its next calls fail. */
class Api {
  readonly stored = new Map<string, Stored>();
  readonly calls: string[] = [];
  fails = 0;
  #version = 0;

  readonly call: KubernetesApi["call"] = ({ method, path, body = {} }) => {
    this.calls.push(`${method} ${path}`);
    if (this.fails-- > 0) return Promise.reject(new Error("no connection"));
    const at = path.replace(/\/status$/, "");
    if (method === "POST") {
      const { metadata } = body as Stored;
      return Promise.resolve({ status: 201, body: this.#put(`${path}/${String(metadata["name"])}`, body as Stored) });
    }
    const found = this.stored.get(at);
    if (!found) return Promise.resolve({ status: 404, body: {} });
    if (method === "DELETE") this.stored.delete(at);
    return Promise.resolve({ status: 200, body: method === "PUT" ? this.#put(at, body as Stored) : found });
  };

  #put(path: string, object: Stored): Stored {
    const metadata = { ...object.metadata, resourceVersion: String((this.#version += 1)) };
    this.stored.set(path, { ...object, metadata });
    return this.stored.get(path) ?? object;
  }
}

let api: Api;
let clock: ReturnType<typeof heldClock>;
let objects: readonly MeshObject[];
let entries: ReturnType<typeof memberEntries>;
beforeEach(() => {
  api = new Api();
  clock = heldClock();
  objects = parse(group(1));
  entries = memberEntries({ api, replica: "heddle-system/a", objects: () => objects, clock, log });
});

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
};
const entry = (): Stored | undefined => api.stored.get(`${list}/vms-10.9.0.1`);

it("writes who joins, owned by the group, and removes who leaves", async () => {
  entries.write([member]);
  await turns();
  expect(entry()).toMatchObject({
    metadata: { ownerReferences: [{ kind: "WorkloadGroup", name: "vms", uid: "u1", controller: true }] },
    spec: { address: "10.9.0.1", weight: 1 },
  });
  entries.write([]);
  await turns();
  expect(entry()).toBeUndefined();
});

it("tries again what could not be written, later and later, until it is; what is not wanted any more is not written", async () => {
  api.fails = 2;
  entries.write([member]);
  await turns();
  clock.advance(1_000);
  await turns();
  expect(api.calls).toHaveLength(2);
  clock.advance(1_999);
  await turns();
  expect(api.calls).toHaveLength(2);
  clock.advance(1);
  await turns();
  expect(entry()).toBeDefined();
  api.fails = 1;
  entries.write([{ ...member, healthy: true }]);
  await turns();
  entries.write([]);
  await turns();
  clock.advance(60_000);
  await turns();
  expect(entry()).toBeUndefined();
});

it("writes again what has joined again, so that others see since when", async () => {
  entries.write([member]);
  await turns();
  clock.advance(5_000);
  entries.joined(member);
  await turns();
  expect(entry()).toMatchObject({ metadata: { annotations: { "istio.io/connectedAt": "1970-01-01T00:00:05.000Z" } } });
});

it("follows the group, and makes an entry anew that is not there any more", async () => {
  entries.write([member]);
  await turns();
  objects = parse(group(2));
  entries.follow();
  await turns();
  expect(entry()).toMatchObject({ spec: { weight: 2 } });
  api.stored.clear();
  entries.follow();
  await turns();
  expect(entry()).toBeDefined();
  objects = parse(
    `${group(2)}---\n${JSON.stringify({ apiVersion: "networking.istio.io/v1", kind: "WorkloadEntry", metadata: { name: "vms-10.9.0.1", namespace: "shop" }, spec: { address: "10.9.0.1" } })}\n`,
  );
  const { length } = api.calls;
  entries.follow(); // its group has been read anew
  await turns();
  entries.follow();
  await turns();
  expect(api.calls.length - length).toBeLessThan(3);
});

it("removes entries of ours that nobody has connected to for 45 minutes, and no others", async () => {
  const stale = (name: string, controller: string, connectedAt: string): string =>
    JSON.stringify({
      apiVersion: "networking.istio.io/v1",
      kind: "WorkloadEntry",
      metadata: {
        ...{ name, namespace: "shop" },
        annotations: {
          "istio.io/autoRegistrationGroup": "vms",
          "istio.io/workloadController": controller,
          "istio.io/connectedAt": connectedAt,
        },
      },
      spec: { address: "10.9.0.1" },
    });
  const now = Date.parse("2026-11-22T10:00:00Z");
  const texts = [
    stale("old", "heddle-system/b", "2026-11-22T09:14:59.000Z"),
    stale("young", "heddle-system/b", "2026-11-22T09:16:00.000Z"),
    stale("istios", "istiod-1", "2026-11-21T00:00:00.000Z"),
  ];
  for (const text of texts) {
    const object = JSON.parse(text) as Stored & { metadata: { name: string } };
    api.stored.set(`${list}/${object.metadata.name}`, object);
  }
  await removeStaleEntries(api, "heddle-system", parse(texts.join("\n---\n")), now);
  expect([...api.stored.keys()]).toEqual([`${list}/young`, `${list}/istios`]);
});
