import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLog } from "../../lib/index.ts";
import { heldClock } from "../../lib/testdata/clock.ts";
import { parseDocuments, type MeshObject } from "../../model/index.ts";
import type { GroupNotice, Membership } from "../../xds/index.ts";
import { membersFile } from "./members-file.ts";
import { createMembers, type Members } from "./members.ts";

const log = createLog("silent");
const group = (more = "") =>
  `apiVersion: networking.istio.io/v1
kind: WorkloadGroup
metadata: { name: vms, namespace: shop }
spec:
  template: { serviceAccount: vm, labels: { app: vm } }
${more}`;
const probe = (port: number) => `  probe: { tcpSocket: { port: ${port} } }\n`;
const identity = { trustDomain: "cluster.local", namespace: "shop", serviceAccount: "vm" };
const claim = { group: "vms", address: "10.9.0.1", network: "", labels: {}, locality: "" };

let dir: string;
let clock: ReturnType<typeof heldClock>;
let objects: readonly MeshObject[];
let changes: number;
let members: Members;
const write = (yaml: string) => void (objects = parseDocuments(yaml, "it.yaml").objects);
const begin = () =>
  createMembers({
    objects: () => objects,
    onChange: () => void (changes += 1),
    ledger: membersFile(dir, log),
    clock,
    log,
  });

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "heddle-members-"));
  clock = heldClock();
  changes = 0;
  write(group());
  members = begin();
});
afterEach(async () => {
  await members.stop();
  await rm(dir, { recursive: true, force: true });
});

const entries = () => members.withEntries(objects).filter(({ kind }) => kind === "WorkloadEntry");
const names = () => entries().map(({ metadata }) => metadata.name);
const healths = () => entries().map(({ spec }) => (spec as { healthy?: boolean }).healthy);

function letIn(more: object = {}): Membership & { readonly notices: GroupNotice[] } {
  const notices: GroupNotice[] = [];
  const answer = members.join(identity, { ...claim, ...more }, (notice) => notices.push(notice));
  if ("refused" in answer) throw new Error(answer.refused);
  return { ...answer, notices };
}

it("gives who joins an entry, and the same objects while nothing changes", () => {
  expect(members.withEntries(objects)).toBe(objects);
  const { notices } = letIn();
  expect(names()).toEqual(["vms-10.9.0.1"]);
  expect(notices).toEqual([]); // its Envoy is to begin when it is known whose it is
  members.notify();
  expect(notices).toEqual([{ entry: "vms-10.9.0.1" }]);
  expect(members.withEntries(objects)).toBe(members.withEntries(objects));
  expect(changes).toBe(1);
});

it("refuses who may not", () => {
  expect(members.join({ ...identity, serviceAccount: "x" }, claim, () => undefined)).toHaveProperty("refused");
  expect(members.join(identity, { ...claim, group: "none" }, () => undefined)).toHaveProperty("refused");
  expect(members.join(identity, { ...claim, labels: { "a b": "" } }, () => undefined)).toHaveProperty("refused");
  expect(names()).toEqual([]);
});

it("takes the entry away at once when the workload leaves", () => {
  letIn().onLeave();
  expect(names()).toEqual([]);
  expect(changes).toBe(2);
});

it("keeps the entry of a stream that is gone for ten seconds", () => {
  letIn().onLost();
  clock.advance(9_999);
  expect(names()).toHaveLength(1);
  clock.advance(1);
  expect(names()).toEqual([]);
});

it("keeps the entry, the very same, of who comes back in time", () => {
  letIn().onLost();
  const [before] = entries();
  clock.advance(9_000);
  letIn();
  clock.advance(60_000);
  expect(entries()).toEqual([before]);
  expect(changes).toBe(1);
});

it("believes the newest stream of a workload alone", () => {
  const old = letIn({ healthy: true });
  const fresh = letIn({ healthy: true });
  old.onHealth(false, "");
  old.onLost();
  old.onLeave();
  clock.advance(60_000);
  expect(healths()).toEqual([true]);
  fresh.onHealth(false, "");
  expect(healths()).toEqual([false]);
});

it("follows what is reported; one who begins anew is not well until it says so", () => {
  const one = letIn();
  expect(healths()).toEqual([false]);
  one.onHealth(true, "");
  expect(healths()).toEqual([true]);
  one.onHealth(true, "");
  expect(changes).toBe(2);
  one.onLost();
  expect(healths()).toEqual([true]);
  letIn();
  expect(healths()).toEqual([false]);
  letIn({ healthy: true });
  expect(healths()).toEqual([true]);
});

it("follows edits of the group, and tells its members of another probe", () => {
  const { notices } = letIn({ healthy: true });
  members.notify();
  write(group(probe(80)));
  members.notify();
  members.notify();
  expect(notices).toHaveLength(2);
  expect(notices[1]).toMatchObject({ entry: "vms-10.9.0.1", probe: { tcpSocket: { port: 80 } } });
  expect(healths()).toEqual([true]);
  write("");
  members.notify();
  expect(names()).toEqual([]);
  write(group());
  members.notify();
  expect(names()).toHaveLength(1);
  expect(notices.at(-1)).toEqual({ entry: "vms-10.9.0.1" });
});

it("remembers who had joined over a restart, for as long as the grace period", async () => {
  letIn({ healthy: true });
  letIn({ address: "10.9.0.2" });
  await members.stop();
  expect((await stat(join(dir, "members.json"))).mode & 0o777).toBe(0o600);
  members = begin();
  members.restore(await membersFile(dir, log).read());
  expect(healths()).toEqual([true, false]);
  letIn({ address: "10.9.0.2", healthy: true });
  expect(healths()).toEqual([true, true]);
  clock.advance(10_000);
  expect(names()).toEqual(["vms-10.9.0.2"]);
});

it.each(["", "{", "[1, null, {}]", '{"a": 1}'])("begins with nobody where the file says %j", async (text) => {
  await writeFile(join(dir, "members.json"), text);
  members.restore(await membersFile(dir, log).read());
  expect(names()).toEqual([]);
});

it("writes down the last of many changes", async () => {
  for (let at = 1; at <= 50; at++) letIn({ address: `10.9.1.${at}` });
  await members.stop();
  const written = JSON.parse(await readFile(join(dir, "members.json"), "utf8")) as unknown[];
  expect(written).toHaveLength(50);
});
