import { pino } from "pino";
import { AuthorityError, makeAuthority, openAuthority, type StoredAuthority } from "../ca/index.ts";
import { systemClock } from "../lib/index.ts";
import type { KubernetesApi } from "./api.ts";
import { rootSecret, type RootSecret } from "./root-secret.ts";
import { refusal, TestApiServer } from "./testdata/api-server.ts";
import { until } from "./testdata/until.ts";

const place = { namespace: "mesh", name: "heddle-ca" };
const path = "/api/v1/namespaces/mesh/secrets/heddle-ca";
const log = pino({ level: "silent" });
const forever = new AbortController().signal;

let server: TestApiServer;
let api: KubernetesApi;
beforeEach(async () => {
  server = new TestApiServer();
  api = await server.start();
});
afterEach(() => server.stop());

function secretOf(isLeader: () => boolean): { secret: RootSecret; made: number[] } {
  const made: number[] = [];
  const make = (): ReturnType<typeof makeAuthority> => {
    made.push(1);
    return makeAuthority("cluster.local", Date.now());
  };
  return { made, secret: rootSecret({ api, place, isLeader, make, clock: systemClock, log, retryMs: 10 }) };
}

it("is made once, even by many that all believe they lead", async () => {
  const all = Array.from({ length: 8 }, () => secretOf(() => true));
  const opened = await Promise.all(all.map(({ secret }) => secret.open(forever)));
  expect(new Set(opened.map(({ certificate }) => certificate)).size).toBe(1);
  expect(new Set(opened.map(({ tokenKey }) => tokenKey)).size).toBe(1);
  const stored = { stored: () => Promise.resolve(opened[0] as StoredAuthority) };
  await openAuthority({ ...stored, trustDomain: "cluster.local", clock: systemClock, log });
});

it("is waited for by those that do not lead, who make nothing", async () => {
  const follower = secretOf(() => false);
  const waiting = follower.secret.open(forever);
  await until(() => server.calls.length >= 3);
  expect(server.writes).toEqual([]);
  const leader = await secretOf(() => true).secret.open(forever);
  expect(await waiting).toEqual(leader);
  expect(follower.made).toEqual([]);
});

it("is not made because it could not be read", async () => {
  const answers = [refusal(403, "Forbidden"), refusal(500, "InternalError"), "hang up" as const];
  server.intercept = ({ method }) => (method === "GET" ? answers.shift() : undefined);
  const { certificate: theirs } = await makeAuthority("cluster.local", Date.now());
  const data = Object.fromEntries(["ca-cert.pem", "ca-key.pem", "root-cert.pem"].map((key) => [key, btoa(theirs)]));
  server.put(path, { metadata: {}, data });
  const { secret, made } = secretOf(() => true);
  expect((await secret.open(forever)).certificate).toBe(theirs);
  expect(made).toEqual([]);
});

it("that somebody plugged in is taken as it is, without a key for join tokens", async () => {
  const { certificate, key, root } = await makeAuthority("cluster.local", Date.now());
  const data = { "ca-cert.pem": btoa(certificate), "ca-key.pem": btoa(key), "root-cert.pem": btoa(root) };
  server.put(path, { metadata: {}, data });
  expect(await secretOf(() => true).secret.open(forever)).toEqual({
    ...{ place: "Secret mesh/heddle-ca", certificate, key, root },
  });
  expect(server.writes).toEqual([]);
});

it("that lacks a key stops the start, and the message says which", async () => {
  server.put(path, { metadata: {}, data: { "ca-cert.pem": btoa("x"), "root-cert.pem": btoa("x") } });
  const opening = secretOf(() => true).secret.open(forever);
  await expect(opening).rejects.toThrow(new AuthorityError("Secret mesh/heddle-ca has no key ca-key.pem"));
});

it("is put back by the leader when somebody deletes it: the same root", async () => {
  const leader = secretOf(() => true).secret;
  const opened = await leader.open(forever);
  const follower = secretOf(() => false).secret;
  await follower.open(forever);
  server.objects.delete(path);
  await expect(follower.read()).rejects.toThrow("not there any more");
  expect(await leader.read()).toEqual(opened);
  expect(await follower.read()).toEqual(opened);
});

it("is waited for no longer than its signal says", async () => {
  const abort = new AbortController();
  const waiting = secretOf(() => false).secret.open(abort.signal);
  abort.abort(new Error("we stop"));
  await expect(waiting).rejects.toThrow("we stop");
});
