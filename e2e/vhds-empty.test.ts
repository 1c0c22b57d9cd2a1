import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openAuthority } from "../src/ca/index.ts";
import { run, startProcess, type RunningProcess } from "../src/app/up/index.ts";
import { startSidecar, type Sidecar } from "../src/app/up/sidecar.ts";
import { createLog, systemClock } from "../src/lib/index.ts";
import { documents } from "./echo-services.ts";
import { envoyBinary } from "./harness/envoy-binary.ts";
import { echoService, projectRoot, waitFor } from "./harness/index.ts";

const namespace = `heddle-empty-${process.pid}`;
const port = 15_012;

let dir: string;
let server: RunningProcess;
let sidecar: Sidecar;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "heddle-empty-"));
  await run(["chmod", "755", dir]); // the proxy's user goes through it to its own folder
  await run(["ip", "netns", "add", namespace]);
  await run(["ip", "-n", namespace, "link", "set", "lo", "up"]);
  const ca = join(dir, "ca");
  const authority = await openAuthority({
    dir: ca,
    trustDomain: "cluster.local",
    clock: systemClock,
    log: createLog("silent"),
  });
  const made = await authority.tokens.createToken({ namespace: "default", serviceAccount: "web", ttlMs: 600_000 });
  if ("refused" in made) throw new Error(made.refused);
  const ports = (port: number) => ({ ports: { http: [port] as const } });
  const yaml = join(dir, "mesh.yaml");
  await writeFile(
    yaml,
    documents(echoService({ name: "a", ...ports(80) }), echoService({ name: "b", ...ports(9090) })),
  );
  const logFile = join(dir, "server.log");
  const script = join(projectRoot(), "e2e/apps/withholding-server.ts");
  const command = [process.execPath, script, ca, yaml, `${port}`, "9090"];
  server = await startProcess({ namespace, command, env: {}, logFile });
  await waitFor("the server", async () => (await readFile(logFile, "utf8")).includes("up"));
  sidecar = await startSidecar({
    node: { name: "web", namespace: "default", serviceAccount: "web", addresses: ["127.0.0.1"], labels: {} },
    ...{ namespace, roots: authority.bundle(), token: made.token, envoy: envoyBinary },
    ...{ directory: join(dir, "proxy"), logFile: join(dir, "envoy.log") },
    controlPlane: { address: "127.0.0.1", port, serverName: "heddle.heddle-system.svc" },
  });
});

afterAll(async () => {
  await sidecar?.process.stop();
  await server?.stop();
  await run(["ip", "netns", "delete", namespace]);
  await rm(dir, { recursive: true, force: true });
});

async function hosts(): Promise<string[]> {
  const { body } = await sidecar.admin("/config_dump?resource=dynamic_route_configs");
  const { configs = [] } = JSON.parse(body) as { configs?: { route_config: { virtual_hosts?: { name: string }[] } }[] };
  return configs.flatMap(({ route_config }) => (route_config.virtual_hosts ?? []).map(({ name }) => name)).sort();
}

it("a route configuration without any virtual host keeps no sidecar from serving", async () => {
  await sidecar.untilReady(60_000);
  expect((await hosts()).filter((name) => name.startsWith("9090/"))).toEqual([]);
  expect(await hosts()).toContain("80/a.default.svc.cluster.local");
});

it("and gets them when they are there", async () => {
  process.kill(server.pid, "SIGUSR2");
  await waitFor("the virtual host", async () => (await hosts()).includes("9090/b.default.svc.cluster.local"));
  const { body } = await sidecar.admin("/stats?filter=update_rejected");
  expect(body.match(/: [1-9]/g)).toBeNull();
});
