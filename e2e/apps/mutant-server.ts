import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { describeCredentials, describeProxy } from "../../src/app/describe.ts";
import { startSidecar, type Sidecar } from "../../src/app/up/sidecar.ts";
import { openAuthority } from "../../src/ca/index.ts";
import { parseCase } from "../../src/envoy/golden-case.ts";
import { buildResources } from "../../src/envoy/index.ts";
import { createLog, systemClock } from "../../src/lib/index.ts";
import type { Proxy, Snapshot } from "../../src/mesh/index.ts";
import { createSecretSource, createXdsServer } from "../../src/xds/index.ts";
import { envoyBinary } from "../harness/envoy-binary.ts";

/**
 * Shows mutated golden inputs, one after the other, to a live Envoy: the xDS server of the control plane, in front of a mesh that is another
 * one each time. In a network namespace of its own, since gateways really bind. Arguments: an empty directory, a file with the mutants
 * (JSON: a list of {golden, text}). Prints a line of JSON for each that makes something new: what became of it, and how Envoy refused;
 * then one of how many fields the Envoys did not know.
 */
const [dir = "", file = ""] = process.argv.slice(2);
const mutants = JSON.parse(await readFile(file, "utf8")) as { readonly golden: string; readonly text: string }[];
const port = 15_012;
const patienceMs = 15_000;
const mutantsPerEnvoy = 50; // then a fresh one, over the other protocol: refused resources and drained listeners pile up

const log = createLog("silent");
const ca = join(dir, "ca");
await mkdir(ca, { mode: 0o700 });
const authority = await openAuthority({ dir: ca, trustDomain: "cluster.local", clock: systemClock, log });
const { certificateChain: certificate, privateKey } = await authority.issueServer(["heddle.heddle-system.svc"], []);
const made = await authority.tokens.createToken({ namespace: "default", serviceAccount: "client", ttlMs: 3_600_000 });
if ("refused" in made) throw new Error(made.refused);
const { token } = made;

/** What goldens say is on the proxy's machine. */
const leaf = await authority.issue({ trustDomain: "cluster.local", namespace: "default", serviceAccount: "client" });
const names = ["tls", "client", "rsa", "ec", "cert"];
await mkdir(join(dir, "machine"));
for (const name of [...names.map((one) => `${one}.pem`), ...names.map((one) => `${one}.crt`)])
  await writeFile(join(dir, "machine", name), leaf.certificateChain);
for (const name of names) await writeFile(join(dir, "machine", `${name}.key`), leaf.privateKey);
for (const name of ["ca.pem", "ca.crt"]) await writeFile(join(dir, "machine", name), authority.bundle());
await chmod(join(dir, "machine"), 0o777); // the proxy's user makes sockets there
const onMachine = (text: string): string =>
  text
    .replaceAll(/\/etc\/certs\/|\/run\/edge\/|\/run\/(?=cart)/g, `${dir}/machine/`)
    .replaceAll(/"caCrl":"[^"]*",?/g, "") // a revocation list must be signed by the CA it is about
    .replaceAll("/etc/cert.pem", `${dir}/machine/cert.pem`)
    .replaceAll("/etc/key.pem", `${dir}/machine/cert.key`);

/** Whoever the one Envoy says it is, it is served what the mutant's proxy would be. */
const askers = new WeakMap<Snapshot, Proxy>();
const askerOf = (snapshot: Snapshot, proxy: Proxy): Proxy => askers.get(snapshot) ?? proxy;
const node = {
  ...{ name: "client", namespace: "default", serviceAccount: "client", addresses: ["127.0.0.1", "::1"], labels: {} },
};
const own: Proxy = { ...node, type: "sidecar", locality: { region: "", zone: "", subzone: "" }, metadata: {} };
const server = createXdsServer({
  ...{ host: "127.0.0.1", port, tls: { certificate, privateKey }, authenticator: authority.tokens, log },
  ...{ secrets: createSecretSource(authority, systemClock), clock: systemClock },
  resolve: () => ({ proxy: own }),
  describe: (snapshot, proxy, style) => describeProxy(snapshot, askerOf(snapshot, proxy), style),
  credentials: (snapshot, proxy) => describeCredentials(snapshot, askerOf(snapshot, proxy)),
  limits: { drainMs: 0 },
});
await server.start();

const nothing = parseCase("proxy: {}\n---\n").snapshot;
let count = 0;
async function startEnvoy(): Promise<Sidecar> {
  count += 1;
  server.publish(nothing, `start-${count}`);
  const sidecar = await startSidecar({
    ...{ node, roots: authority.bundle(), token, envoy: envoyBinary },
    ...{ directory: join(dir, `proxy-${count}`), logFile: join(dir, "envoy.log"), logLevel: "error" },
    controlPlane: { address: "127.0.0.1", port, serverName: "heddle.heddle-system.svc" },
    protocol: count % 2 === 1 ? "DELTA_GRPC" : "GRPC",
  });
  await sidecar.untilReady(60_000);
  return sidecar;
}

let unknownFields = 0;
async function stopEnvoy(sidecar: Sidecar): Promise<void> {
  const { body } = await sidecar.admin("/stats?filter=unknown_fields").catch(() => ({ body: "" }));
  for (const [, value] of body.matchAll(/: (\d+)/g)) unknownFields += Number(value);
  await sidecar.process.stop();
  while (server.status().length > 0) await pause(20);
}

let revision = 0;
async function show(text: string, sidecar: Sidecar) {
  const { snapshot, proxy } = parseCase(text);
  askers.set(snapshot, proxy);
  revision += 1;
  server.publish(snapshot, `${revision}`);
  const { nacks, timedOut, proxies } = await server.whenLive(`${revision}`, { timeoutMs: patienceMs });
  const [{ warnings = [], types } = {}] = server.status();
  const stale = Object.entries(types ?? {}).flatMap(([type, { state }]) => (state === "STALE" ? [type] : []));
  const refused = nacks.map(({ type, resource, message, provenance }) => ({ type, resource, message, provenance }));
  const state = !sidecar.process.running() ? "ended" : timedOut ? "stuck" : (proxies[0]?.state ?? "gone");
  return { state, refused, warnings, ...(timedOut && { stale }) };
}

/** A proxy's type and metadata are what it was started with: who has others is another Envoy. */
function kindOf({ type, metadata }: Proxy): string {
  return JSON.stringify({ type, metadata });
}

/** Of the mutants those that make a resource that none before them makes. */
function withNews() {
  const known = new Set<string>();
  return mutants.flatMap(({ golden, text: written }) => {
    const text = onMachine(written);
    const { view, proxy } = parseCase(text);
    const { shared, own } = buildResources(view, { vhds: true });
    const versions = [shared, own].flatMap((set) => Object.values(set)).flatMap((map) => [...map.values()]);
    const isNew = versions.some(({ version }) => !known.has(version));
    for (const { version } of versions) known.add(version);
    return isNew ? [{ golden, text, kind: kindOf(proxy) }] : [];
  });
}

const byKind = withNews().sort((a, b) => (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : 0));
let shownToIt = 0;
let kindOfIt = "";
let sidecar = await startEnvoy();
async function renew(): Promise<void> {
  await stopEnvoy(sidecar);
  sidecar = await startEnvoy();
  shownToIt = 0;
}

for (const { golden, text, kind } of byKind) {
  if (shownToIt >= mutantsPerEnvoy || (kind !== kindOfIt && shownToIt > 0)) await renew();
  shownToIt += 1;
  kindOfIt = kind;
  const shown = await show(text, sidecar);
  const isGood = shown.state === "live" && shown.refused.length === 0;
  console.log(JSON.stringify({ golden, ...shown, ...(!isGood && { text }) }));
  if (["ended", "stuck", "gone"].includes(shown.state)) await renew();
}
await stopEnvoy(sidecar);
console.log(JSON.stringify({ unknownFields }));
await server.stop({ graceMs: 100 });
