import { createLog } from "../../src/lib/index.ts";
import { openKubernetesSource, type KubernetesSource } from "../../src/source/index.ts";
import { ApiServer } from "../harness/api-server.ts";
import { TcpProxy } from "../harness/tcp-proxy.ts";
import { waitFor } from "../harness/wait.ts";
import { apply, applyCrds, remove, type Manifest } from "./cluster.ts";

let server: ApiServer;
let proxy: TcpProxy;
let source: KubernetesSource;

/** Watches of a few seconds, so that what takes a minute is seen in a test; the pace of requests is the real one. */
const timing = { watchMs: 4_000, silentMs: 6_000, shortestMs: 500, absentMs: 2_000 };
const sawWithinMs = 60_000;

const access = (kinds: readonly string[]): Manifest => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "ClusterRole",
  metadata: { name: "heddle" },
  rules: [
    { apiGroups: [""], resources: ["services", "pods", "namespaces", "nodes", "configmaps"], verbs: ["list", "watch"] },
    { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["list", "watch"] },
    {
      apiGroups: ["networking.istio.io", "security.istio.io", "heddle.io"],
      resources: kinds,
      verbs: ["list", "watch"],
    },
  ],
});
const policies =
  `virtualservices destinationrules serviceentries workloadentries workloadgroups gateways sidecars proxyconfigs
  envoyfilters peerauthentications authorizationpolicies requestauthentications ratelimits`.split(/\s+/);
const binding: Manifest = {
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "ClusterRoleBinding",
  metadata: { name: "heddle" },
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "heddle" },
  subjects: [{ kind: "ServiceAccount", name: "heddle", namespace: "heddle-system" }],
};

const service = (name: string): Manifest => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, namespace: "shop" },
  spec: { ports: [{ name: "http", port: 80 }] },
});
const route = (name: string): Manifest => ({
  apiVersion: "networking.istio.io/v1",
  kind: "VirtualService",
  metadata: { name, namespace: "shop" },
  spec: { hosts: [name], http: [{ route: [{ destination: { host: name } }] }] },
});

const names = (kind: string): readonly string[] =>
  source
    .objects()
    .filter((object) => object.kind === kind)
    .map(({ metadata }) => metadata.name);
const stateOf = (kind: string): string | undefined => source.watches().find((watch) => watch.kind === kind)?.state;
const allSynced = (): boolean => source.watches().every(({ state }) => state === "synced" || state === "absent");
const codesNow = (): readonly string[] => source.problems().map(({ code }) => code);

beforeAll(async () => {
  server = await ApiServer.start();
  await applyCrds(server);
  await apply(server, access(policies));
  await apply(server, binding);
  await apply(server, route("a"));
  await apply(server, service("a"));
  proxy = new TcpProxy(server.port);
  await proxy.start();
  source = openKubernetesSource({
    kubeConfig: server.kubeConfig("heddle", proxy.port),
    namespace: "heddle-system",
    log: createLog("silent"),
    onChange: () => undefined,
    timing,
  });
  await source.start();
});

afterAll(async () => {
  await source?.stop();
  await proxy?.close();
  await server?.close();
});

const see = (what: string, condition: () => boolean): Promise<unknown> =>
  waitFor(what, condition, { timeoutMs: sawWithinMs });

it("reads all it needs with the rights of its role", () => {
  expect(names("VirtualService")).toEqual(["a"]);
  expect(source.problems()).toEqual([]);
});

it("finds out about watches that fell silent without a word (F37)", async () => {
  proxy.silence();
  await apply(server, service("silent"));
  await see("the service", () => names("Service").includes("silent"));
  await see("all to be synced", allSynced);
});

it("survives connections that are reset (F37)", async () => {
  proxy.reset();
  await apply(server, service("reset"));
  await see("the service", () => names("Service").includes("reset"));
});

it("keeps everything while the API server is away, asks once a second at most, and catches up (F37)", async () => {
  const before = source.objects();
  await server.killServer();
  await see("the loss to be noticed", () => stateOf("Pod") === "stale");
  const [from, asked] = [Date.now(), proxy.connections];
  await new Promise((resolve) => setTimeout(resolve, 15_000));
  const rate = (proxy.connections - asked) / ((Date.now() - from) / 1000);
  expect(source.objects()).toBe(before);
  await server.startServer();
  const back = Date.now();
  await apply(server, service("late"));
  await remove(server, route("a"));
  await see("what was made", () => names("Service").includes("late"));
  await see("what was deleted to be gone", () => !names("VirtualService").includes("a"));
  console.log(
    `F37: ${rate.toFixed(2)} connections a second while away, all seen ${Date.now() - back} ms after the return`,
  );
  expect(rate).toBeLessThanOrEqual(1);
});

// By the time it answers, the server has written so much at its start that its version has overtaken the one we had: no 410 will come.
it("believes a server whose store was put back to an older state: no ghosts (F38)", async () => {
  await server.killServer();
  await server.killStore();
  await server.saveStore("older");
  await server.startStore();
  await server.startServer();
  for (const name of ["ghost-1", "ghost-2"]) await apply(server, service(name));
  await remove(server, service("late"));
  await see("the newer state", () => names("Service").includes("ghost-2") && !names("Service").includes("late"));
  await server.killServer();
  await server.killStore();
  await server.restoreStore("older");
  await server.startStore();
  await server.startServer();
  const back = Date.now();
  await see("the older state", () => names("Service").includes("late"));
  expect(names("Service").filter((name) => name.startsWith("ghost"))).toEqual([]);
  await see("all to be synced", allSynced);
  console.log(`F38: every kind read again ${Date.now() - back} ms after the server was back with an older store`);
});

it("freezes the one kind it lost the right to see; the others go on (F40)", async () => {
  await apply(server, route("kept"));
  await see("the route", () => names("VirtualService").includes("kept"));
  await apply(server, access(policies.filter((kind) => kind !== "virtualservices")));
  await see("the kind to be frozen", () => stateOf("VirtualService") === "frozen");
  await remove(server, route("kept"));
  await apply(server, service("goes-on"));
  await see("the service", () => names("Service").includes("goes-on"));
  expect(names("VirtualService")).toEqual(["kept"]);
  expect(codesNow()).toEqual(["HED406"]);
  await apply(server, access(policies));
  await see("the deletion", () => names("VirtualService").length === 0);
  expect(codesNow()).toEqual([]);
});
