import { connect as connectTcp } from "node:net";
import { connect } from "node:tls";
import { pod, review, serverName, webhooksForSuite } from "../testdata/webhooks.ts";

const webhooks = webhooksForSuite();

it("counts under Istio's names", async () => {
  await webhooks.ask("/inject", pod());
  await webhooks.ask("/inject", pod({ hostNetwork: true }));
  await webhooks.ask("/inject", pod({}, { annotations: { "sidecar.istio.io/proxyCPU": "much" } }));
  const metadata = { name: "cart", namespace: "shop" };
  await webhooks.ask("/validate", { apiVersion: "networking.istio.io/v1", kind: "VirtualService", metadata, spec: {} });
  const text = await webhooks.registry.metrics();
  expect(text).toMatch(/^sidecar_injection_requests_total [1-9]/m);
  expect(text).toMatch(/^sidecar_injection_success_total [1-9]/m);
  expect(text).toMatch(/^sidecar_injection_skip_total [1-9]/m);
  expect(text).toMatch(/^sidecar_injection_failure_total\{reason="invalid"\} [1-9]/m);
  expect(text).toMatch(/^galley_validation_failed\{kind="VirtualService"\} [1-9]/m);
});

it("shows a new certificate from the next connection on, and keeps the old one when there is no good new one", async () => {
  const first = await webhooks.post("/inject", review(pod()), { fresh: true });
  await webhooks.renew();
  const second = await webhooks.post("/inject", review(pod()), { fresh: true });
  expect(second.serial).not.toBe(first.serial);
  webhooks.certificate = { key: "nonsense", cert: "nonsense" };
  expect((await webhooks.post("/inject", review(pod()), { fresh: true })).serial).toBe(second.serial);
  webhooks.certificate = undefined;
  expect((await webhooks.post("/inject", review(pod()), { fresh: true })).serial).toBe(second.serial);
  await webhooks.renew();
  expect((await webhooks.post("/inject", review(pod()), { fresh: true })).serial).not.toBe(second.serial);
});

describe("F62: hostile requests", () => {
  it.each<[string, string, number]>([
    ["not JSON", "{", 400],
    ["nothing", "", 400],
    ["null", "null", 400],
    ["a list", "[]", 400],
    ["no request", '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}', 400],
    ["request null", '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":null}', 400],
    ["no object", review(undefined), 400],
    ["object null", review(null), 400],
    ["object a list", review([]), 400],
    ["another version", review(pod()).replace("/v1", "/v1beta1"), 400],
    ["a million brackets", "[".repeat(1_000_000), 400],
    ["a body deep in an object", review(pod()).replace('"CREATE"', `${'{"a":'.repeat(200)}1${"}".repeat(200)}`), 400],
  ])("%s", async (_, body, status) => {
    for (const path of ["/inject", "/validate"]) expect((await webhooks.post(path, body)).status).toBe(status);
  });

  it.each<[string, object]>([
    ["no spec", { kind: "Pod" }],
    ["containers that are none", pod({ containers: "none" })],
    ["10,000 containers", pod({ containers: Array.from({ length: 10_000 }, (_, i) => ({ name: `c${i}` })) })],
    ["labels that are none", pod({}, { labels: [] })],
    ["annotations of numbers", pod({}, { annotations: { "sidecar.istio.io/inject": 1 } })],
  ])("refuses a pod with %s", async (_, object) => {
    const { allowed, status } = await webhooks.ask("/inject", object);
    expect({ allowed, told: status?.message.includes("HED501") }).toEqual({ allowed: false, told: true });
  });

  it("ends a body of 100 MB early", async () => {
    const outcome = await webhooks.post("/inject", Buffer.alloc(100 << 20, 32)).then(
      ({ status }) => status,
      (error: NodeJS.ErrnoException) => error.code,
    );
    expect([413, "ECONNRESET", "EPIPE"]).toContain(outcome);
    expect((await webhooks.ask("/inject", pod())).allowed).toBe(true);
  });

  it("takes no other method, route or type", async () => {
    expect((await webhooks.post("/metrics", "{}")).status).toBe(404);
    expect((await webhooks.post("/inject", "a: b", { type: "application/yaml" })).status).toBe(415);
  });

  it("waits for nobody", async () => {
    const ended = (socket: ReturnType<typeof connectTcp>) =>
      new Promise<void>((resolve) => socket.on("error", () => undefined).on("close", () => resolve()));
    const silent = connectTcp(webhooks.port, "127.0.0.1"); // no handshake
    const slow = connect({ port: webhooks.port, host: "127.0.0.1", ca: webhooks.roots, servername: serverName });
    slow.on("secureConnect", () =>
      slow.write("POST /inject HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{"),
    );
    slow.resume();
    await Promise.all([ended(silent), ended(slow)]);
  }, 20_000);

  it("answers 500 at once", async () => {
    const answers = await Promise.all(Array.from({ length: 500 }, () => webhooks.ask("/inject", pod())));
    expect(answers.every(({ allowed, patch }) => allowed && patch !== undefined)).toBe(true);
  }, 30_000);
});
