import { rename } from "node:fs/promises";
import { clientPod, documents, echoService } from "./echo-services.ts";
import { itSurvives } from "./harness/figures.ts";
import { startMesh, waitFor, type TestMesh } from "./harness/index.ts";

const url = "http://reviews:8080/";

let mesh: TestMesh;
let started: Promise<void>;

/** The sidecars are there before any control plane is. */
beforeAll(async () => {
  mesh = await startMesh({ yaml: documents(clientPod("web"), echoService("reviews")), withControlPlane: false });
});

afterAll(async () => {
  await mesh.close();
});

const away = () => `${mesh.policyDirectory}.away`;

/** Envoy's own admin port, which answers before it is live; inside the pod's namespace alone. */
async function envoySays(path: string): Promise<string> {
  const { answers } = await mesh.request("web", `http://127.0.0.1:15000${path}`);
  return answers[0]?.text ?? "";
}

async function isLive(): Promise<boolean> {
  return (await envoySays("/ready")).startsWith("LIVE");
}

/** The status of a page of the admin API. */
async function adminStatus(path: string): Promise<number | undefined> {
  const { answers } = await mesh.requestFromOutside(`http://127.0.0.1:15080${path}`);
  return answers[0]?.status;
}

/** Whether the sidecar has a connection, and how many answers it got. */
async function xdsStats() {
  const text = await envoySays("/stats?filter=connected_state|update_success");
  const value = (name: string) => Number(text.split(`${name}: `)[1]?.split("\n")[0] ?? 0);
  return {
    connected: value("control_plane.connected_state"),
    answers: value("cluster_manager.cds.update_success") + value("listener_manager.lds.update_success"),
  };
}

it("a sidecar that finds no control plane waits", async () => {
  await waitFor("Envoy to run", async () => /INITIALIZING/.test(await envoySays("/ready")));
  expect(await isLive()).toBe(false);
  expect((await xdsStats()).connected).toBe(0);
});

itSurvives("F03", "a control plane that has not read its input yet is not ready, and sends nothing", async () => {
  await rename(mesh.policyDirectory, away());
  started = mesh.controlPlane.start();
  started.catch(() => undefined); // awaited below
  await waitFor("the control plane to answer", async () => (await adminStatus("/healthz")) === 200);
  await waitFor("the sidecar to be connected", async () => (await xdsStats()).connected === 1);
  expect(await adminStatus("/readyz")).toBe(503);
  const { answers } = await xdsStats();
  expect(await isLive()).toBe(false);
  const { out } = await mesh.heddle(["status"]);
  expect(out).toContain("no proxy is connected"); // nobody is let in yet
  expect(out).toMatch(/HED\d+.*cannot be read/);
  return {
    figure: `${answers} answers of clusters and listeners, readiness 503`,
    limit: "0, 503",
    pass: answers === 0,
  };
});

it("serves as soon as the input is there", async () => {
  await rename(away(), mesh.policyDirectory);
  await started;
  expect(await adminStatus("/readyz")).toBe(200);
  await waitFor("the sidecar to be live", isLive);
  await waitFor("an answer", async () => (await mesh.request("web", url)).ok === 1);
});

it("F35: input that vanishes takes nothing away, not even over a restart", async () => {
  await rename(mesh.policyDirectory, away());
  await waitFor("the problem to be told", async () => (await mesh.heddle(["status"])).out.includes("cannot be read"));
  expect((await mesh.request("web", url, { count: 20 })).ok).toBe(20);
  await mesh.kill9();
  started = mesh.controlPlane.start();
  started.catch(() => undefined);
  await waitFor("the control plane to answer", async () => (await adminStatus("/healthz")) === 200);
  await waitFor("the sidecar to be connected", async () => (await xdsStats()).connected === 1);
  expect((await mesh.request("web", url, { count: 20 })).ok).toBe(20);
  await rename(away(), mesh.policyDirectory);
  await started;
  expect((await mesh.request("web", url, { count: 20 })).ok).toBe(20);
});
