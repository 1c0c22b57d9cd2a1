import type { Problem } from "../src/lib/index.ts";
import {
  deploySamples,
  heddleIn,
  percentile,
  recordFigure,
  replicas,
  waitFor,
  type Pod,
  type TestNamespace,
} from "./harness/index.ts";

const links = "http://link-service:8080/";

/** Asks link-service once, in the very first instruction; `last` is what it does after that. */
const once = (last: string): string =>
  `fetch("${links}").then(async (a) => { console.log(a.status, (await a.json()).service); ${last}; process.exit(a.ok ? 0 : 1); })`;

/** Envoy's own: https://www.envoyproxy.io/docs/envoy/latest/operations/admin#post--quitquitquit */
const endSidecar = `await fetch("http://127.0.0.1:15000/quitquitquit", { method: "POST" })`;

/** A job whose one container runs this script of Node's. */
function job(name: string, script: string, annotations: Readonly<Record<string, string>> = {}): string {
  const container = { name: "app", image: "heddle-sample:1", command: ["node", "-e", script] };
  const spec = { restartPolicy: "Never", serviceAccountName: "web", containers: [container] };
  const template = { metadata: { labels: { app: name }, annotations }, spec };
  return JSON.stringify({
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name },
    spec: { backoffLimit: 0, template },
  });
}

function plainPod(name: string, inject: boolean): string {
  return `
apiVersion: v1
kind: Pod
metadata: { name: ${name}, labels: { app: ${name}, sidecar.istio.io/inject: "${inject}" } }
spec:
  terminationGracePeriodSeconds: 1
  containers:
    - name: app
      image: heddle-sample:1
      readinessProbe: { httpGet: { path: /-/stats, port: 8080 }, periodSeconds: 1 }
`;
}

describe("injection", () => {
  let mesh: TestNamespace;
  beforeAll(async () => {
    mesh = await deploySamples("e2e-injection");
  });
  afterAll(() => mesh.remove());

  test("a pod gets a native sidecar of the plain Envoy image, and says so", async () => {
    const { spec, metadata } = await mesh.pod("web");
    const names = (spec.initContainers ?? []).map(({ name, restartPolicy }) => [name, restartPolicy]);
    expect(names).toEqual([
      ["istio-init", undefined],
      ["istio-proxy", "Always"],
    ]);
    expect(spec.initContainers?.[1]?.image).toBe("envoyproxy/envoy:v1.40.0");
    expect(spec.containers.map(({ name }) => name)).toEqual(["app"]);
    expect(metadata.name).toMatch(/^web-/);
  });

  test("who asks not to be injected is not", async () => {
    await mesh.apply(plainPod("left-alone", false));
    const { spec } = await mesh.pod("left-alone");
    expect(spec.initContainers).toBeUndefined();
  });

  test("a job's first request works, and the job ends", async () => {
    await mesh.apply(job("first-request", once("")));
    await mesh.kubectl(["wait", "--for=condition=Complete", "job/first-request", "--timeout=120s"]);
    expect(await mesh.kubectl(["logs", "job/first-request", "-c", "app"])).toBe("200 link-service\n");
  });

  test("in the classic form a job ends where its app ends the sidecar; where it does not, that is told", async () => {
    const classic = { "sidecar.istio.io/nativeSidecar": "false" };
    await mesh.apply(job("ends", once(endSidecar), classic));
    await mesh.apply(job("stays", once(""), classic));
    await mesh.kubectl(["wait", "--for=condition=Complete", "job/ends", "--timeout=120s"]);
    const told = await waitFor(
      "heddle status to name the pod",
      async () => {
        const [replica] = await replicas();
        const { problems } = await heddleIn<{ problems: readonly Problem[] }>(replica?.metadata.name ?? "", "status");
        return problems.find(({ code }) => code === "HED311");
      },
      { timeoutMs: 120_000, everyMs: 1_000 },
    );
    expect(told.object?.name).toMatch(/^stays-/);
    const { status } = await mesh.get<{ status: { active?: number; succeeded?: number } }>(["job", "stays"]);
    expect(status).toMatchObject({ active: 1 });
    expect(status.succeeded).toBeUndefined();
  });

  test("a rolling restart of the server under load: 0 failed of 10,000", async () => {
    const load = await mesh.load("web", links, { ratePerSecond: 250, count: 10_000, keep: 3 });
    await mesh.kubectl(["rollout", "restart", "deployment/link-service-stable", "deployment/link-service-canary"]);
    await mesh.rolledOut("link-service-stable", "link-service-canary");
    const { count, failed, byStatus, errors, answers } = await load.done;
    await recordFigure("rolling restart of an app: failed of 10,000", failed);
    const told = failed > 0 ? { byStatus, errors, answers } : {};
    expect({ count, failed, told }).toEqual({ count: 10_000, failed: 0, told: {} });
  });

  test("what the sidecar adds to a pod's start", async () => {
    const seconds = async (name: string, inject: boolean): Promise<number> => {
      const begun = performance.now();
      await mesh.apply(plainPod(name, inject));
      await waitFor(`pod ${name} serves`, async () => (await mesh.pods(name)).length === 1, { timeoutMs: 90_000 });
      return (performance.now() - begun) / 1_000;
    };
    const without: number[] = [];
    const having: number[] = [];
    for (let round = 0; round < 5; round++) {
      without.push(await seconds(`start-plain-${round}`, false));
      having.push(await seconds(`start-sidecar-${round}`, true));
    }
    const added = percentile(having, 0.5) - percentile(without, 0.5);
    await recordFigure("pod start, seconds: without a sidecar, with one, added (median of 5)", [
      Number(percentile(without, 0.5).toFixed(2)),
      Number(percentile(having, 0.5).toFixed(2)),
      Number(added.toFixed(2)),
    ]);
    const { items } = await mesh.get<{ items: readonly Pod[] }>(["pods", "-l", "sidecar.istio.io/inject=true"]);
    expect(items).toHaveLength(5);
  });
});
