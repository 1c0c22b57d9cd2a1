import { readdir } from "node:fs/promises";
import { mkdtemp, rm, writeFile, mkdir, chmod } from "node:fs/promises";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { attempt, lastLines, run, startProcess } from "../src/app/up/index.ts";
import { documents, echoService } from "./echo-services.ts";
import { echoPod, projectRoot, waitFor } from "./harness/index.ts";

const heddle = join(projectRoot(), "bin/heddle");
const excluded = "traffic.sidecar.istio.io/excludeOutboundPorts";
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "heddle-up-"));
  await chmod(folder, 0o755);
  await mkdir(join(folder, "mesh"));
  const client = echoPod({ name: "web", annotations: { [excluded]: "9999" } });
  await writeFile(join(folder, "mesh/services.yaml"), documents(client, echoService("reviews")));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const list = (path: string) => readdir(path).catch(() => []);

/** Everything of a mesh `hdl0` that could stay on this machine. */
async function traces() {
  const namespaces = (await list("/run/netns")).filter((name) => name.startsWith("hdl0"));
  const files = [...(await list("/etc/netns")), ...(await list("/run/heddle"))].filter((name) =>
    name.startsWith("hdl0"),
  );
  const rules = (await run(["iptables-save"])).split("\n").filter((line) => /HEDDLE|ISTIO|1500[16]/i.test(line));
  const { out } = await attempt(["pgrep", "-f", "/run/heddle/hdl0/"]);
  const links = Object.keys(networkInterfaces()).filter((name) => name.startsWith("hdl0"));
  return { namespaces, files, rules, processes: out.split("\n").filter(Boolean), links };
}

const nothing = { namespaces: [], files: [], rules: [], processes: [], links: [] };

it.each(["SIGINT", "SIGTERM"] as const)("comes up, answers, and leaves nothing behind after %s", async (signal) => {
  const logFile = join(folder, "up.log");
  const stateDir = join(folder, "state");
  const up = await startProcess({
    command: [heddle, "up", "-f", join(folder, "mesh"), "--state-dir", stateDir, "--log-dir", join(folder, "logs")],
    env: { PATH: process.env["PATH"] ?? "", HEDDLE_ENVOY: process.env["HEDDLE_ENVOY"] ?? "" },
    cwd: projectRoot(),
    logFile,
  });
  try {
    await waitFor(
      "the mesh to be up",
      async () => {
        if (!up.running()) throw new Error(`it ended: ${await lastLines(logFile)}`);
        return (await lastLines(logFile, 20)).includes("2 workloads are up");
      },
      { timeoutMs: 60_000 },
    );
    const answer = () => attempt(["ip", "netns", "exec", "hdl0.web.default", "curl", "-sf", "http://reviews:8080/"]);
    await waitFor("an answer", async () => (await answer()).out.includes('"service":"reviews"'));
    expect((await attempt([heddle, "status", "--state-dir", stateDir])).out).toMatch(/^web\.default +synced/m);
    const rulesOf = async (name: string) =>
      (await run(["ip", "netns", "exec", `hdl0.${name}.default`, "iptables-save"])).match(/--dport 9999 -j RETURN/g);
    expect([await rulesOf("web"), await rulesOf("reviews-v1")]).toEqual([["--dport 9999 -j RETURN"], null]);
    expect((await traces()).namespaces).toHaveLength(3);
    process.kill(up.pid, signal);
    expect(await up.ended).toBe("status 0");
  } finally {
    await up.stop();
  }
  expect(await traces()).toEqual(nothing);
});

it("as anybody but root, says all that is missing", async () => {
  const nobody = ["setpriv", "--reuid", "nobody", "--clear-groups", "--"];
  const home = join(folder, "home");
  await mkdir(home, { mode: 0o777 });
  await chmod(home, 0o777);
  const { status, out, err } = await attempt([
    ...nobody,
    ...["env", "HEDDLE_ENVOY=/nowhere/envoy"],
    ...[heddle, "up", "-f", join(folder, "mesh"), "--state-dir", home],
  ]);
  expect({ status, out }).toEqual({ status: 2, out: "" });
  expect(err).toContain("root (CAP_NET_ADMIN and CAP_SYS_ADMIN)");
  expect(err).toContain("scripts/fetch-envoy.sh");
  expect(err).not.toMatch(/\n\s+at /);
  expect(await traces()).toEqual(nothing);
});
