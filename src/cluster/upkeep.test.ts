import { pino } from "pino";
import { systemClock } from "../lib/index.ts";
import type { KubernetesApi } from "./api.ts";
import { keepCaBundle } from "./ca-bundle.ts";
import { keepRootConfigMaps } from "./root-config-maps.ts";
import { refusal, TestApiServer } from "./testdata/api-server.ts";
import { until } from "./testdata/until.ts";
import { createUpkeep } from "./upkeep.ts";

let server: TestApiServer;
let api: KubernetesApi;
beforeEach(async () => {
  server = new TestApiServer();
  api = await server.start();
});
afterEach(() => server.stop());

describe("the root's ConfigMap in each namespace", () => {
  const pathIn = (namespace: string): string => `/api/v1/namespaces/${namespace}/configmaps/heddle-ca-root-cert`;
  const textIn = (namespace: string): unknown => server.objects.get(pathIn(namespace))?.["data"];

  it("is made, mended and otherwise left alone", async () => {
    await keepRootConfigMaps(api, ["a", "b"], "root 1");
    expect([textIn("a"), textIn("b")]).toEqual([{ "root-cert.pem": "root 1" }, { "root-cert.pem": "root 1" }]);
    server.put(pathIn("a"), { metadata: { namespace: "a" }, data: { "root-cert.pem": "an impostor" } });
    server.objects.delete(pathIn("b"));
    const before = server.writes.length;
    await keepRootConfigMaps(api, ["a", "b"], "root 1");
    expect(server.writes.slice(before)).toEqual([`PATCH ${pathIn("a")}`, "POST /api/v1/namespaces/b/configmaps"]);
    expect(textIn("a")).toEqual({ "root-cert.pem": "root 1" });
    await keepRootConfigMaps(api, ["a", "b"], "root 1");
    expect(server.writes).toHaveLength(before + 2);
    expect(server.calls.at(-1)?.path).toContain("fieldSelector=metadata.name%3Dheddle-ca-root-cert");
    await keepRootConfigMaps(api, ["a", "b"], "root 1root 2");
    expect([textIn("a"), textIn("b")]).toEqual([
      { "root-cert.pem": "root 1root 2" },
      { "root-cert.pem": "root 1root 2" },
    ]);
  });

  it("is read page by page", async () => {
    await keepRootConfigMaps(api, ["a", "b"], "root");
    const item = (namespace: string): unknown => server.objects.get(pathIn(namespace));
    server.intercept = ({ path }) => {
      if (!path.startsWith("/api/v1/configmaps")) return undefined;
      const isSecond = path.includes("continue=more");
      return {
        status: 200,
        body: isSecond ? { items: [item("b")] } : { metadata: { continue: "more" }, items: [item("a")] },
      };
    };
    const before = server.writes.length;
    await keepRootConfigMaps(api, ["a", "b"], "root");
    expect(server.writes).toHaveLength(before);
  });

  it("cannot be made in a namespace that is going away, which is no failure; another's failure holds up nobody", async () => {
    server.intercept = ({ method, path }) => {
      if (method !== "POST") return undefined;
      if (path.includes("/leaving/")) return refusal(403, "Forbidden", "namespace leaving is being terminated");
      return path.includes("/full/") ? refusal(403, "Forbidden", "exceeded quota") : undefined;
    };
    await keepRootConfigMaps(api, ["leaving", "a"], "root");
    await expect(keepRootConfigMaps(api, ["full", "leaving", "b"], "root")).rejects.toThrow("1 of 3 namespaces");
    expect(textIn("b")).toEqual({ "root-cert.pem": "root" });
  });
});

describe("the bundle by which the API server trusts our webhooks", () => {
  const configuration = { resource: "mutatingwebhookconfigurations", name: "heddle-injector" } as const;
  const path = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/heddle-injector";
  const bundles = (): unknown[] =>
    (server.objects.get(path)?.["webhooks"] as { clientConfig: { caBundle?: string } }[]).map(
      ({ clientConfig }) => clientConfig.caBundle,
    );

  it("is written where it differs, and nothing else is touched", async () => {
    const webhooks = ["a", "b"].map((name) => ({
      name,
      clientConfig: { service: { name: "heddle" } },
      failurePolicy: "Fail",
    }));
    server.put(path, { metadata: {}, webhooks });
    await keepCaBundle(api, configuration, "root");
    expect(bundles()).toEqual([btoa("root"), btoa("root")]);
    expect(server.objects.get(path)?.["webhooks"]).toMatchObject(webhooks);
    await keepCaBundle(api, configuration, "root");
    expect(server.writes).toHaveLength(1);
  });

  it("is not written to another webhook than the one that was read", async () => {
    server.put(path, { metadata: {}, webhooks: [{ name: "a", clientConfig: {} }] });
    server.intercept = ({ method }) => {
      if (method === "PATCH") server.put(path, { metadata: {}, webhooks: [{ name: "new", clientConfig: {} }] });
      return undefined;
    };
    await expect(keepCaBundle(api, configuration, "root")).rejects.toThrow("422");
    expect(bundles()).toEqual([undefined]);
  });

  it("is nobody's business where the webhooks are not installed", async () => {
    await keepCaBundle(api, configuration, "root");
    expect(server.writes).toEqual([]);
  });
});

describe("what a leader keeps up", () => {
  const log = pino({ level: "silent" });

  it("is done at once, again when something changed, and no more when it does not lead", async () => {
    const runs: string[] = [];
    const chore = { what: "it", run: () => Promise.resolve(void runs.push("run")) };
    const upkeep = createUpkeep({ chores: [chore], clock: systemClock, log });
    upkeep.nudge();
    expect(runs).toEqual([]); // it does not lead
    const leading = new AbortController();
    upkeep.lead(leading.signal);
    await until(() => runs.length === 1);
    upkeep.nudge();
    await until(() => runs.length === 2);
    leading.abort();
    upkeep.nudge();
    await new Promise((resolve) => setImmediate(resolve));
    expect(runs).toHaveLength(2);
  });

  it("is tried again after a failure, and a failure keeps nothing else from being done", async () => {
    let failures = 0;
    let done = 0;
    const chores = [
      { what: "bad", run: () => (++failures < 3 ? Promise.reject(new Error("no")) : Promise.resolve()) },
      { what: "good", run: () => Promise.resolve(void done++) },
    ];
    const leading = new AbortController();
    createUpkeep({ chores, clock: systemClock, log, retryMs: 1 }).lead(leading.signal);
    await until(() => failures === 3 && done === 3);
    leading.abort();
  });
});
