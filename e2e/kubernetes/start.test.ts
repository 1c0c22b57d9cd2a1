import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { makeAuthority, openAuthority, type StoredAuthority } from "../../src/ca/index.ts";
import { createLog, systemClock } from "../../src/lib/index.ts";
import { ApiServer, kubernetesBinaries } from "../harness/api-server.ts";
import { projectRoot } from "../harness/project.ts";
import { waitFor } from "../harness/wait.ts";
import { apply, applyCrds, remove, type Manifest } from "./cluster.ts";
import { Replica } from "./replica.ts";

let server: ApiServer;
const replicas: Replica[] = [];

async function manifests(file: string): Promise<Manifest[]> {
  const text = await readFile(join(projectRoot(), "manifests/install", file), "utf8");
  return parseAllDocuments(text).map((document) => document.toJS() as Manifest);
}
const access = (): Promise<Manifest[]> => manifests("access.yaml");

async function start(name: string): Promise<Replica> {
  const replica = await Replica.start(server, name);
  replicas.push(replica);
  return replica;
}

/** A command's outputs and exit status. */
function run(command: string, args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  return new Promise((resolve) => {
    const all = { PATH: process.env["PATH"] ?? "", ...env };
    execFile(command, [...args], { env: all }, (error, stdout, stderr) =>
      resolve(`${stdout}${stderr}status ${error ? String(error.code) : 0}`),
    );
  });
}

beforeAll(async () => {
  server = await ApiServer.start();
  await applyCrds(server);
  await apply(server, { apiVersion: "v1", kind: "Namespace", metadata: { name: "heddle-system" } });
  for (const manifest of await access()) await apply(server, manifest);
});

afterAll(async () => {
  await Promise.all(replicas.map((one) => one.close()));
  await server?.close();
});

describe("a CA of the user's own that cannot sign ends it at once, with a sentence (F51)", () => {
  const texts = (now = Date.now()): Promise<Omit<StoredAuthority, "place">> => makeAuthority("cluster.local", now);
  const leaf = async (): Promise<Omit<StoredAuthority, "place">> => {
    const root = await texts();
    const stored = (): Promise<StoredAuthority> => Promise.resolve({ place: "", ...root });
    const ring = await openAuthority({
      stored,
      trustDomain: "cluster.local",
      clock: systemClock,
      log: createLog("silent"),
    });
    const { certificateChain, privateKey } = await ring.issueServer(["x.example"], [], 3_600_000);
    return { ...root, certificate: certificateChain, key: privateKey };
  };
  const decades = 60 * 365 * 86_400_000;
  const cases: [string, () => Promise<Omit<StoredAuthority, "place">>, RegExp][] = [
    [
      "another certificate's key",
      async () => ({ ...(await texts()), key: (await texts()).key }),
      /ca-key\.pem does not belong to CA certificate/,
    ],
    ["an expired certificate", () => texts(Date.now() - decades), /root-cert\.pem expired on \d{4}-/],
    ["a certificate that is no CA's", leaf, /ca-cert\.pem/],
    ["no key", async () => ({ ...(await texts()), key: "" }), /ca-key\.pem holds no unencrypted private key in PEM/],
  ];

  it.each(cases)("%s", async (what, make, sentence) => {
    const { certificate, key, root } = await make();
    const secret: Manifest = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "heddle-ca", namespace: "heddle-system" },
      stringData: { "ca-cert.pem": certificate, "ca-key.pem": key, "root-cert.pem": root },
    };
    await apply(server, secret);
    const replica = await start(`bad-ca-${cases.findIndex(([name]) => name === what)}`);
    expect(await replica.ended).toBe("status 2");
    const last = (await replica.log()).trimEnd().split("\n").at(-1) ?? "";
    expect(last).toMatch(/^heddle: CA (?:key|certificate) Secret heddle-system\/heddle-ca /);
    expect(last).toMatch(sentence);
    await remove(server, secret);
  });
});

it("names each right that it lacks, once in the log and in /readyz, until it has them", async () => {
  const all = await access();
  const without = (verb: string, resource: string, { rules, ...rest }: Manifest): Manifest => ({
    ...rest,
    rules: (rules as { resources: string[]; verbs: string[] }[]).filter(
      ({ resources, verbs }) => !(resources.includes(resource) && verbs.includes(verb)),
    ),
  });
  for (const manifest of all.filter(({ kind }) => kind === "ClusterRole"))
    await apply(server, without("create", "events", without("patch", "*/status", manifest)));
  const replica = await start("heddle-poor");
  await replica.ready();
  const line = await waitFor("the log line", () =>
    replica.said("rights are missing: see manifests/install/access.yaml"),
  );
  const missing = line["missing"] as string[];
  expect(missing).toContain("create events");
  expect(missing).toContain("patch virtualservices.networking.istio.io/status");
  expect(missing.filter((right) => !/^patch \w+\.(?:\w+\.istio|heddle)\.io\/status$/.test(right))).toEqual([
    "create events",
  ]);
  const { status, text } = await replica.monitoring("/readyz");
  expect([status, text]).toEqual([200, ["ok", ...missing.map((right) => `missing right: ${right}`), ""].join("\n")]);
  for (const manifest of all) await apply(server, manifest);
  await waitFor("the line to go", async () => (await replica.monitoring("/readyz")).text === "ok\n");
});

describe("with policy that does not fit", () => {
  const shop = (kind: string, name: string, spec: object): Manifest => ({
    apiVersion: "networking.istio.io/v1",
    kind,
    metadata: { name, namespace: "shop" },
    spec,
  });
  const lost = shop("VirtualService", "lost", {
    hosts: ["reviews"],
    http: [{ route: [{ destination: { host: "nowhere" } }] }],
  });
  const kubectl = async (manifest: Manifest): Promise<string> => {
    const file = join(server.folder, "applied.json");
    await writeFile(file, JSON.stringify(manifest));
    const env = { KUBECONFIG: await server.kubeConfigFile("admin"), HOME: server.folder };
    return run(join(kubernetesBinaries(), "kubectl"), ["apply", "-f", file], env);
  };

  beforeAll(async () => {
    const replica = replicas.at(-1);
    const { webhookPort } = (await replica?.ready()) ?? { webhookPort: 0 };
    await apply(server, { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } });
    await apply(server, {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "reviews", namespace: "shop" },
      spec: { ports: [{ name: "http", port: 80 }], selector: { app: "reviews" } },
    });
    // As it is installed, but for the address; and what we could not be asked about is refused, so that nothing passes unasked.
    const [, installed] = await manifests("webhooks.yaml");
    const webhooks = (installed?.["webhooks"] as object[]).map((webhook) => {
      const clientConfig = { url: `https://localhost:${webhookPort}/validate` };
      return { ...webhook, clientConfig, failurePolicy: "Fail" };
    });
    const path = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
    await server.admin.send("POST", { path }, { ...installed, webhooks });
  });

  it("warns, at kubectl apply, of what the mesh would find; and refuses what is no policy at all", async () => {
    const told = await waitFor(
      "the webhook to be trusted",
      async () => {
        const text = await kubectl(lost);
        if (text.includes("failed calling webhook")) throw new Error(text);
        return text;
      },
      { timeoutMs: 60_000, everyMs: 500 },
    );
    expect(told).toMatch(/^Warning: .*nowhere/m);
    expect(told).toContain("status 0");
    const refused = await kubectl(shop("VirtualService", "bad", { hosts: ["a"], http: [{ timeout: "soon" }] }));
    expect(refused).toContain("refused by Heddle");
    expect(refused).toContain("spec.http[0].timeout");
    expect(refused).toContain("status 1");
  });

  it("judges the mesh's settings, and is not asked about any other ConfigMap", async () => {
    const map = (name: string, namespace: string, data: object): Manifest => ({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name, namespace },
      data,
    });
    const asked = async (): Promise<string[]> => {
      const { text } = (await replicas.at(-1)?.monitoring("/metrics")) ?? { text: "" };
      return text.split("\n").filter((line) => /^galley_validation_\w+\{kind="(MeshConfig|other)"/.test(line));
    };
    expect(await kubectl(map("heddle", "heddle-system", { mesh: "trustDomain: cluster.local" }))).toContain("status 0");
    const bad = { mesh: "trustDomian: a", injection: "logLevel: loud" };
    const refused = await kubectl(map("heddle", "heddle-system", bad));
    expect(refused).toContain("refused by Heddle");
    expect(refused).toContain("data.mesh.trustDomian");
    expect(refused).toContain("data.injection.logLevel");
    expect(refused).toContain("status 1");
    const before = await asked();
    expect(before).toEqual([
      'galley_validation_passed{kind="MeshConfig"} 1',
      'galley_validation_failed{kind="MeshConfig"} 1',
    ]);
    for (const other of [map("heddle-live", "heddle-system", bad), map("heddle", "shop", bad), map("any", "shop", bad)])
      expect(await kubectl(other)).toContain("status 0");
    expect(await asked()).toEqual(before);
  });

  it("heddle check --kubernetes finds the same in the cluster", async () => {
    const kubeconfig = await server.kubeConfigFile("admin");
    const heddle = join(projectRoot(), "bin/heddle");
    const told = await run(heddle, ["check", "--kubernetes", "--kubeconfig", kubeconfig]);
    expect(told).toMatch(/VirtualService shop\/lost .*nowhere/);
    expect(told).toContain("0 errors");
  });
});
