import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kubernetesBinaries } from "../harness/api-server.ts";
import { echoPod, echoService, meshForSuite, policy, projectRoot, waitFor, type Summary } from "../harness/index.ts";

/** Envoy's own rate limit service with a Redis behind it, in a pod with a sidecar: https://github.com/envoyproxy/ratelimit */
const folder = mkdtempSync(join(tmpdir(), "heddle-ratelimit-"));
const bin = kubernetesBinaries(["ratelimit", "redis-server"]);
const env = {
  USE_STATSD: "false",
  LOG_LEVEL: "warn",
  BACKEND_TYPE: "redis",
  REDIS_SOCKET_TYPE: "tcp",
  REDIS_URL: "127.0.0.1:6379",
  GRPC_PORT: "8081",
  PORT: "8080",
  RUNTIME_ROOT: folder,
  RUNTIME_SUBDIRECTORY: "ratelimit",
  RUNTIME_WATCH_ROOT: "false",
};
const redis = [join(bin, "redis-server"), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
const limiter = `---\n${JSON.stringify({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "ratelimit", namespace: "infra", labels: { app: "ratelimit", "sidecar.istio.io/inject": "true" } },
  spec: {
    serviceAccountName: "ratelimit",
    containers: [
      { name: "redis", command: redis },
      {
        name: "ratelimit",
        command: [join(bin, "ratelimit")],
        env: Object.entries(env).map(([name, value]) => ({ name, value })),
      },
    ],
  },
})}\n`;

/** The part of the documentation between these words and the next line that is not indented, as a file. */
function documented(after: string): string {
  const page = readFileSync(join(projectRoot(), "docs/rate-limit.md"), "utf8");
  const [, rest = ""] = page.split(after);
  return rest.slice(rest.indexOf("\n    ")).split(/\n(?=\S)/, 1)[0] ?? "";
}

beforeAll(() => {
  mkdirSync(join(folder, "ratelimit/config"), { recursive: true });
  // By the day, so that no limit comes back while it is counted what is let in.
  const config = documented("For envoyproxy/ratelimit")
    .replaceAll("unit: minute", "unit: day")
    .replaceAll("\n    ", "\n");
  expect(config.match(/unit: day/g)).toHaveLength(2);
  writeFileSync(join(folder, "ratelimit/config/shop.yaml"), config);
});
afterAll(() => rmSync(folder, { recursive: true }));

const mesh = meshForSuite({
  yaml: [
    limiter,
    echoService({ name: "ratelimit", namespace: "infra", ports: { grpc: [8081], http: [8080] } }),
    ...["a", "b"].map((name) => echoPod({ name })),
    ...["v1", "v2"].map((version) =>
      echoPod({ name: `analytics-service-${version}`, app: "analytics-service", version }),
    ),
    echoService({ name: "analytics-service" }),
    policy("PeerAuthentication", "default", { mtls: { mode: "STRICT" } }, "infra"),
  ].join(""),
});

const ask = (from: string, path: string, count: number): Promise<Summary> =>
  mesh().request(from, `http://analytics-service/${path}`, { count, keep: count });

it("counts for all replicas what each caller asks, by the configuration that the documentation shows", async () => {
  await waitFor("the service", async () => {
    const { answers } = await mesh().request("a", "http://ratelimit.infra:8080/healthcheck");
    return answers[0]?.status === 200;
  });
  await mesh().applyPolicy(
    policy("RateLimit", "shop", {
      selector: { matchLabels: { app: "analytics-service" } },
      global: { service: "ratelimit.infra.svc.cluster.local:8081", domain: "shop", failureMode: "DENY", timeout: "2s" },
      rules: [{ name: "reports", match: { uri: { prefix: "/reports" } }, per: "PRINCIPAL" }],
    }),
  );
  const { byStatus, byInstance, answers } = await ask("a", "reports/1", 130);
  expect(byStatus).toEqual({ "200": 100, "429": 30 });
  expect(Object.keys(byInstance)).toHaveLength(2);
  const refused = answers.find(({ status }) => status === 429);
  expect(refused?.headers).toMatchObject({ "x-ratelimit-remaining": "0" });
  expect(refused?.headers["x-ratelimit-limit"]).toMatch(/^100, 100;w=86400/);
  expect((await ask("a", "others", 10)).byStatus).toEqual({ "200": 10 });
  expect((await ask("b", "reports/2", 10)).byStatus).toEqual({ "200": 10 });
});

it("counts callers without a certificate together", async () => {
  const [first = "", second = ""] = ["v1", "v2"].map((version) => mesh().addressOf(`analytics-service-${version}`));
  const plainly = async (address: string, count: number) =>
    (await mesh().requestFromOutside(`http://${address}:8080/reports`, { count })).byStatus;
  expect(await plainly(first, 6)).toEqual({ "200": 6 });
  expect(await plainly(second, 6)).toEqual({ "200": 4, "429": 2 });
});
