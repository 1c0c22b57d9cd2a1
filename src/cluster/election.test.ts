import { pino } from "pino";
import { systemClock } from "../lib/index.ts";
import type { KubernetesApi } from "./api.ts";
import { startElection, type Election } from "./election.ts";
import { refusal, TestApiServer } from "./testdata/api-server.ts";
import { until } from "./testdata/until.ts";

const place = { namespace: "mesh", name: "leader" };
const path = "/apis/coordination.k8s.io/v1/namespaces/mesh/leases/leader";

let server: TestApiServer;
let api: KubernetesApi;
let elections: Election[] = [];
beforeEach(async () => {
  server = new TestApiServer();
  api = await server.start();
});
afterEach(async () => {
  await Promise.all(elections.map((one) => one.stop()));
  elections = [];
  await server.stop();
});

function candidate(identity: string, through = api): { election: Election; signals: AbortSignal[] } {
  const signals: AbortSignal[] = [];
  const election = startElection({
    ...{ api: through, place, identity, clock: systemClock, log: pino({ level: "silent" }) },
    ...{ leaseMs: 1_000, deadlineMs: 600, retryMs: 30 },
    lead: (signal) => signals.push(signal),
  });
  elections.push(election);
  return { election, signals };
}

const holder = (): unknown => (server.objects.get(path)?.["spec"] as Record<string, unknown>)["holderIdentity"];

it("has one leader, and another at once when that one stops", async () => {
  const all = ["a", "b", "c"].map((name) => candidate(name));
  const leaders = () => all.filter(({ election }) => election.isLeader());
  await until(() => leaders().length > 0);
  const [first] = leaders();
  expect(leaders()).toHaveLength(1);
  await first?.election.stop();
  expect(first?.signals.map(({ aborted }) => aborted)).toEqual([true]);
  await until(() => leaders().length > 0);
  expect(leaders()).toHaveLength(1);
  expect(first?.election.isLeader()).toBe(false);
});

it("stops leading when it cannot renew, before another may begin; and that one begins", async () => {
  let isCut = false;
  const { election, signals } = candidate("a", {
    call: (call) => (isCut ? Promise.reject(new Error("no route")) : api.call(call)),
  });
  await until(() => election.isLeader());
  const other = candidate("b");
  isCut = true;
  let hadTwo = false;
  await until(() => {
    hadTwo ||= election.isLeader() && other.election.isLeader();
    return other.election.isLeader();
  });
  expect(hadTwo).toBe(false);
  expect(signals[0]?.aborted).toBe(true);
  isCut = false;
  await until(() => holder() === "b");
  expect(election.isLeader()).toBe(false);
});

it("does not believe another's clock: a lease is old when we have seen it unchanged for its duration", async () => {
  const spec = {
    holderIdentity: "z",
    leaseDurationSeconds: 1,
    renewTime: "2001-01-01T00:00:00.000000Z",
    leaseTransitions: 4,
  };
  server.put(path, { metadata: {}, spec });
  const before = performance.now();
  const { election } = candidate("a");
  await until(() => election.isLeader());
  expect(performance.now() - before).toBeGreaterThanOrEqual(1_000);
  expect(server.objects.get(path)?.["spec"]).toMatchObject({ holderIdentity: "a", leaseTransitions: 5 });
});

it("steps down at once when it reads that somebody else holds the lease", async () => {
  const { election, signals } = candidate("a");
  await until(() => election.isLeader());
  const renewTime = new Date().toISOString();
  server.put(path, { metadata: {}, spec: { holderIdentity: "z", leaseDurationSeconds: 60, renewTime } });
  await until(() => !election.isLeader());
  expect(signals[0]?.aborted).toBe(true);
});

it("gives the lease back when it stops, and keeps what others wrote into it", async () => {
  server.put(path, { metadata: { labels: { team: "a" } }, spec: { strategy: "x" } });
  const { election } = candidate("a");
  await until(() => election.isLeader());
  await election.stop();
  expect(server.objects.get(path)).toMatchObject({
    metadata: { labels: { team: "a" } },
    spec: { strategy: "x", holderIdentity: "", leaseDurationSeconds: 1 },
  });
});

it("never leads without the right to write the lease", async () => {
  server.intercept = ({ method }) => (method === "GET" ? undefined : refusal(403, "Forbidden"));
  const { election } = candidate("a");
  await until(() => server.writes.length >= 3);
  expect(election.isLeader()).toBe(false);
});

it("stops within seconds where the API server answers nothing any more", async () => {
  const { election } = candidate("a");
  await until(() => election.isLeader());
  const silent = new Promise<undefined>(() => undefined);
  server.intercept = () => silent;
  await election.stop();
  expect(election.isLeader()).toBe(false);
});
