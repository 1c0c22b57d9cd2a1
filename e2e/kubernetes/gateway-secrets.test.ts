import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { KeyRing } from "../../src/ca/index.ts";
import { createLog, type Log } from "../../src/lib/index.ts";
import { wantedSecrets } from "../../src/mesh/index.ts";
import { openKubernetesSource, type KubernetesSource } from "../../src/source/index.ts";
import { ApiServer } from "../harness/api-server.ts";
import { openTestAuthority } from "../harness/credentials.ts";
import { projectRoot } from "../harness/project.ts";
import { waitFor } from "../harness/wait.ts";
import { apply, applyCrds, remove, type Manifest } from "./cluster.ts";

const folder = mkdtempSync(join(tmpdir(), "heddle-gateway-secrets-"));
let server: ApiServer;
let source: KubernetesSource;
let authority: KeyRing;
/** Everything that the source has logged, and each state of its problems. */
const logged: string[] = [];
const timing = { watchMs: 4_000, silentMs: 8_000, shortestMs: 500 };

const role = (resourceNames: readonly string[]): Manifest => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "Role",
  metadata: { name: "secrets", namespace: "edge" },
  rules: resourceNames.length
    ? [{ apiGroups: [""], resources: ["secrets"], resourceNames, verbs: ["list", "watch"] }]
    : [],
});
const binding: Manifest = {
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "RoleBinding",
  metadata: { name: "secrets", namespace: "edge" },
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "secrets" },
  subjects: [{ kind: "ServiceAccount", name: "heddle", namespace: "heddle-system" }],
};
const gateway = (credentialName: string): Manifest => ({
  apiVersion: "networking.istio.io/v1",
  kind: "Gateway",
  metadata: { name: "edge", namespace: "shop" },
  spec: {
    selector: { istio: "edge" },
    servers: [
      {
        port: { number: 443, name: "https", protocol: "HTTPS" },
        hosts: ["a.example.com"],
        tls: { mode: "SIMPLE", credentialName },
      },
    ],
  },
});
const pod: Manifest = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "edge", namespace: "edge", labels: { istio: "edge" } },
  spec: { containers: [{ name: "app", image: "app" }] },
};

/** Every private key that was ever in a Secret, and the base64 of it. */
const keys: string[] = [];
async function secret(name: string, more: object = {}): Promise<Manifest> {
  const { certificateChain, privateKey } = await authority.issueServer([`${name}.example.com`], [], 3_600_000);
  const stringData = { "tls.crt": certificateChain, "tls.key": privateKey, ...more };
  keys.push(stringData["tls.key"], Buffer.from(stringData["tls.key"]).toString("base64"));
  return {
    apiVersion: "v1",
    kind: "Secret",
    type: "kubernetes.io/tls",
    // As `kubectl apply` leaves it.
    metadata: {
      name,
      namespace: "edge",
      annotations: { "kubectl.kubernetes.io/last-applied-configuration": JSON.stringify(stringData), note: privateKey },
    },
    stringData,
  };
}

beforeAll(async () => {
  authority = await openTestAuthority(folder);
  server = await ApiServer.start();
  await applyCrds(server);
  for (const document of parseAllDocuments(readFileSync(join(projectRoot(), "manifests/install/access.yaml"), "utf8")))
    await apply(server, document.toJS() as Manifest);
  for (const manifest of [pod, gateway("one"), await secret("one"), await secret("two"), binding])
    await apply(server, manifest);
  const write = (...parts: unknown[]): void => void logged.push(JSON.stringify(parts));
  const log = { ...createLog("silent"), warn: write, info: write, error: write, debug: write } as unknown as Log;
  const kubeConfig = server.kubeConfig("heddle");
  const onChange = (): void => write(source.problems(), source.watches());
  source = openKubernetesSource({ kubeConfig, namespace: "heddle-system", log, onChange, wantedSecrets, timing });
  await source.start();
});

afterAll(async () => {
  await source?.stop();
  await server?.close();
  rmSync(folder, { recursive: true });
});

const held = () => source.objects().flatMap((object) => (object.kind === "Secret" ? [object] : []));
const names = (): readonly string[] => held().map(({ metadata }) => metadata.name);
const certificate = (): string | undefined => held()[0]?.spec.keyPair?.certificateChain;
const state = (): string | undefined => source.watches().find(({ kind }) => kind === "Secret")?.state;
const see = (what: string, condition: () => boolean): Promise<unknown> =>
  waitFor(what, condition, { timeoutMs: 60_000 });

it("starts without the right to read them, and says which right is missing", () => {
  expect(names()).toEqual([]);
  expect(source.objects().map(({ kind }) => kind)).toContain("Gateway");
  expect(source.problems()).toMatchObject([
    { code: "HED410", level: "error", message: expect.stringContaining("Secret edge/one") as string },
  ]);
  expect(source.problems()[0]?.hint).toContain("kubectl -n edge create rolebinding");
  expect(state()).toBe("frozen");
});

it("reads the one that is named, with the right to see no other", async () => {
  await apply(server, role(["one"]));
  await see("the Secret", () => names().length > 0);
  expect(names()).toEqual(["one"]);
  expect(held()[0]?.metadata.annotations).toEqual({});
  expect(keys).toContain(held()[0]?.spec.keyPair?.privateKey.reveal());
  expect(source.problems()).toEqual([]);
  expect(source.watches()).toContainEqual(expect.objectContaining({ kind: "Secret", state: "synced", objects: 1 }));
});

it("hears of a rotation, and keeps the last good pair when a broken one follows", async () => {
  const first = certificate();
  await apply(server, await secret("one"));
  await see("the new certificate", () => certificate() !== first);
  const second = certificate();
  await apply(server, await secret("one", { "tls.key": "hunter2 is no key" }));
  await see("the fault", () => source.problems().some(({ code }) => code === "HED216"));
  expect(certificate()).toBe(second);
});

it("keeps what it has when the right is taken away, and catches up when it is back", async () => {
  const before = certificate();
  await apply(server, role([]));
  await see("the loss", () => state() === "frozen");
  await apply(server, await secret("one"));
  expect(certificate()).toBe(before);
  expect(source.problems().map(({ code }) => code)).toContain("HED410");
  await apply(server, role(["one", "two"]));
  await see("what came meanwhile", () => certificate() !== before);
  expect(source.problems()).toEqual([]);
});

it("reads another when another is named, and forgets what nobody names", async () => {
  await apply(server, gateway("two"));
  await see("the other Secret alone", () => names().join() === "two");
  await remove(server, pod);
  await see("none, without a gateway", () => names().length === 0);
  expect(state()).toBeUndefined();
});

it("tells of no key in logs, problems, Events or states of watches", async () => {
  const events = await server.admin.get({ path: "/api/v1/events" });
  const told = [logged.join("\n"), JSON.stringify([source.watches(), source.problems(), events])].join("\n");
  expect(logged.length).toBeGreaterThan(0);
  for (const key of keys) {
    expect(told).not.toContain(key.slice(0, 40));
    expect(told).not.toContain(key.split("\n")[1] ?? key);
  }
  expect(told).not.toContain("hunter2");
});
