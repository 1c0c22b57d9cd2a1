import type { KubernetesApi } from "./api.ts";
import { refusal, TestApiServer } from "./testdata/api-server.ts";
import { keepMemberEntry, removeMemberEntry, removeStaleEntry, type MemberEntry } from "./workload-entries.ts";

const path = "/apis/networking.istio.io/v1/namespaces/shop/workloadentries/vms-10.9.0.1";
const place = { apiVersion: "networking.istio.io/v1", namespace: "shop", name: "vms-10.9.0.1" };
const joined = { "istio.io/autoRegistrationGroup": "vms" };

const wanted = (more: Partial<MemberEntry> = {}, health?: string, spec: object = {}): MemberEntry => ({
  replica: "a",
  connectedAt: "2026-11-22T10:00:00.000Z",
  entry: {
    apiVersion: place.apiVersion,
    kind: "WorkloadEntry",
    metadata: { name: place.name, namespace: "shop", labels: { app: "vm" }, annotations: joined },
    spec: { address: "10.9.0.1", ...spec },
    ...(health && { status: { conditions: [{ type: "Healthy", status: health }] } }),
  },
  ...more,
});

let server: TestApiServer;
let api: KubernetesApi;
beforeEach(async () => {
  server = new TestApiServer();
  api = await server.start();
});
afterEach(() => server.stop());

const stored = () => server.objects.get(path);
const annotations = () => stored()?.metadata["annotations"];
const conditions = () => (stored()?.["status"] as { conditions: unknown[] } | undefined)?.conditions;

it("makes the entry, says who wrote it since when, and how the workload is", async () => {
  await keepMemberEntry(api, wanted({}, "False"));
  expect(stored()).toMatchObject({
    metadata: {
      labels: { app: "vm" },
      annotations: {
        ...joined,
        "istio.io/workloadController": "a",
        "istio.io/connectedAt": "2026-11-22T10:00:00.000Z",
      },
    },
    spec: { address: "10.9.0.1" },
    status: { conditions: [{ type: "Healthy", status: "False" }] },
  });
});

it("writes nothing where all is as it should be", async () => {
  await keepMemberEntry(api, wanted({}, "True"));
  const { length } = server.writes;
  await keepMemberEntry(api, wanted({}, "True"));
  expect(server.writes).toHaveLength(length);
});

it("follows health and spec, and leaves others' conditions and annotations as they are", async () => {
  await keepMemberEntry(api, wanted({}, "False"));
  const other = { type: "heddle.io/Accepted", status: "True" };
  const metadata = { ...stored()?.metadata, annotations: { ...(annotations() as object), "example.com/a": "b" } };
  server.put(path, { ...stored(), metadata, status: { conditions: [other, ...(conditions() ?? [])] } });
  await keepMemberEntry(api, wanted({}, "True", { weight: 5 }));
  expect(stored()).toMatchObject({ spec: { weight: 5 }, metadata: { annotations: { "example.com/a": "b" } } });
  expect(conditions()).toMatchObject([other, { type: "Healthy", status: "True" }]);
  expect(conditions()).toHaveLength(2);
});

it("says what is wrong, and that it is another thing now", async () => {
  const unwell = (message: string): MemberEntry => {
    const { entry, ...rest } = wanted();
    return { ...rest, entry: { ...entry, status: { conditions: [{ type: "Healthy", status: "False", message }] } } };
  };
  for (const message of ["no connection", "status 503"]) {
    await keepMemberEntry(api, unwell(message));
    expect(conditions()).toMatchObject([{ type: "Healthy", status: "False", message }]);
  }
});

it("tries again where the entry changes between reading and writing", async () => {
  await keepMemberEntry(api, wanted({}, "False"));
  let changes = 0;
  server.intercept = ({ method }) => {
    if ((method === "PUT" || method === "PATCH") && changes++ < 2) server.put(path, stored() ?? {});
    return undefined;
  };
  await keepMemberEntry(api, wanted({}, "True", { weight: 5 }));
  expect(stored()).toMatchObject({ spec: { weight: 5 } });
  expect(conditions()).toMatchObject([{ status: "True" }]);
  server.intercept = ({ method }) => {
    if (method === "PUT") server.put(path, stored() ?? {});
    return undefined;
  };
  await expect(keepMemberEntry(api, wanted({}, "True", { weight: 6 }))).rejects.toThrow("changes faster");
});

it("leaves an entry alone that somebody has written, and never removes it", async () => {
  server.put(path, { metadata: { name: place.name, namespace: "shop" }, spec: { address: "10.0.0.1" } });
  await keepMemberEntry(api, wanted({}, "True"));
  await removeMemberEntry(api, place, "a");
  expect(server.writes).toEqual([]);
});

it("leaves an entry to the replica that its workload has connected to since", async () => {
  await keepMemberEntry(api, wanted({ replica: "b", connectedAt: "2026-11-22T10:00:05.000Z" }, "True"));
  await keepMemberEntry(api, wanted({}, "False"));
  await removeMemberEntry(api, place, "a");
  expect(annotations()).toMatchObject({ "istio.io/workloadController": "b" });
  expect(conditions()).toMatchObject([{ status: "True" }]);
  await keepMemberEntry(api, wanted({ connectedAt: "2026-11-22T10:00:09.000Z" }, "True"));
  expect(annotations()).toMatchObject({ "istio.io/workloadController": "a" });
  await removeMemberEntry(api, place, "b");
  expect(stored()).toBeDefined();
  await removeMemberEntry(api, place, "a");
  expect(stored()).toBeUndefined();
  await removeMemberEntry(api, place, "a");
});

it("removes nobody's entry who connects in that moment", async () => {
  await keepMemberEntry(api, wanted());
  let taken = false;
  server.intercept = ({ method }) => {
    if (method !== "DELETE" || taken) return undefined;
    taken = true;
    const metadata = { ...stored()?.metadata, annotations: { ...joined, "istio.io/workloadController": "b" } };
    server.put(path, { ...stored(), metadata });
    return undefined;
  };
  await removeMemberEntry(api, place, "a");
  expect(taken).toBe(true);
  expect(annotations()).toMatchObject({ "istio.io/workloadController": "b" });
});

it("removes a stale entry only as long as nobody has connected again", async () => {
  await keepMemberEntry(api, wanted());
  await removeStaleEntry(api, place, "2026-11-22T09:00:00.000Z");
  expect(stored()).toBeDefined();
  await removeStaleEntry(api, place, "2026-11-22T10:00:00.000Z");
  expect(stored()).toBeUndefined();
});

it("rejects where it may not, with what the API server says", async () => {
  server.intercept = ({ method }) => (method === "POST" ? refusal(403, "Forbidden", "no right") : undefined);
  await expect(keepMemberEntry(api, wanted())).rejects.toThrow("403 Forbidden no right");
});
