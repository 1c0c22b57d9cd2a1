import { setTimeout as pause } from "node:timers/promises";
import type { TestMesh } from "../../e2e/harness/index.ts";
import { analytics, applySample, links, type Step } from "./step.ts";

/** Zero trust: plaintext from outside the mesh is served under PERMISSIVE and refused under STRICT; the mesh goes on. */
export const strict: Step = {
  name: "STRICT mTLS",
  expected: "plaintext: served before, refused after; mesh calls pass",
  run: async (mesh) => {
    const direct = `http://${mesh.addressOf("analytics-service-1")}:8080/`;
    const options = { count: 20, keep: 0, timeoutMs: 3_000 };
    const before = await mesh.requestFromOutside(direct, options);
    await applySample(mesh, "60-strict-mtls.yaml");
    const after = await mesh.requestFromOutside(direct, options);
    const inside = await mesh.request("web-1", analytics, { count: 100, keep: 0 }); // the breaker stands: one at a time
    const measured = `before ${before.ok}, after ${after.ok} of ${after.count}; mesh ${inside.ok} of ${inside.count}`;
    return { measured, pass: before.ok === before.count && after.ok === 0 && inside.ok === inside.count };
  },
};

/** The server's sidecar tells the app who called, from the caller's certificate. */
export const identity: Step = {
  name: "identity",
  expected: "server sees spiffe://cluster.local/ns/default/sa/web",
  run: async (mesh) => {
    const { answers } = await mesh.request("web-1", analytics);
    const body = answers[0]?.body as { headers?: Record<string, string> } | undefined;
    const uri = /URI=([^;,]+)/.exec(body?.headers?.["x-forwarded-client-cert"] ?? "")?.[1] ?? "nobody";
    return { measured: uri, pass: uri === "spiffe://cluster.local/ns/default/sa/web" };
  },
};

const downMs = 3_000;
const afterMs = 3_000;

async function changes(mesh: TestMesh): Promise<number> {
  const stats = await mesh.envoyStats("web-1", "(listener|cluster)_manager.*_(modified|removed|added)$");
  return Object.values(stats).reduce((sum, value) => sum + value, 0);
}

async function connected(mesh: TestMesh): Promise<number> {
  const { out } = await mesh.heddle(["status", "--output", "json"]);
  const { proxies } = JSON.parse(out) as { proxies: readonly { state: string }[] };
  return proxies.filter(({ state }) => state === "synced").length;
}

/** kill -9 under load: nobody notices, neither that it is away nor that it is back. */
export const killed: Step = {
  name: "control plane killed",
  expected: "0 failed requests; no listener or cluster changed",
  run: async (mesh) => {
    const changesBefore = await changes(mesh);
    const load = mesh.startLoad("web-1", links, { ratePerSecond: 200, concurrency: 20, keep: 0 });
    await pause(1_000);
    await mesh.kill9();
    await pause(downMs);
    await mesh.controlPlane.start();
    const back = Date.now() + 30_000;
    while ((await connected(mesh)) < mesh.pods.length && Date.now() < back) await pause(200);
    await pause(afterMs);
    const { sent, failed } = await load.stop();
    const changed = (await changes(mesh)) - changesBefore;
    const here = await connected(mesh);
    const measured = `${failed} of ${sent} failed; ${changed} changes; ${here} of ${mesh.pods.length} proxies back`;
    return { measured, pass: failed === 0 && sent > 1_000 && changed === 0 && here === mesh.pods.length };
  },
};

/** Whatever was applied, no Envoy refused anything. */
export const accepted: Step = {
  name: "no rejections",
  expected: "no Envoy refused a resource",
  run: async (mesh) => {
    const rejections = await Promise.all(
      mesh.pods.map(async (pod) => {
        const stats = await mesh.envoyStats(pod, "(update_rejected|rds_config_reload_rejected)$");
        return Object.values(stats).reduce((sum, value) => sum + value, 0);
      }),
    );
    const refused = rejections.reduce((sum, count) => sum + count, 0);
    return { measured: `${refused} rejections in ${rejections.length} Envoys`, pass: refused === 0 };
  },
};
