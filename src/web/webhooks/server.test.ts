import { Agent, request as httpsRequest } from "node:https";
import { connect } from "node:tls";
import { connect as connectTcp } from "node:net";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Registry } from "prom-client";
import { openAuthority } from "../../ca/index.ts";
import { createLog, systemClock, type Problem } from "../../lib/index.ts";
import { defaultInjectionSettings, type InjectionSettings } from "../../node/index.ts";
import { startWebhooks, type WebhookCertificate, type WebhookServer } from "../index.ts";

const folder = mkdtempSync(join(tmpdir(), "heddle-webhooks-"));
const log = createLog("silent");
const registry = new Registry();
const findings: Problem[] = [];
let certificate: WebhookCertificate;
let broken = false;
let settings: InjectionSettings = defaultInjectionSettings;
let roots: string;
let renew: () => Promise<WebhookCertificate>;
let server: WebhookServer;
const agent = new Agent({ keepAlive: true, maxSockets: 200 });

beforeAll(async () => {
  const authority = await openAuthority({ dir: folder, trustDomain: "cluster.local", clock: systemClock, log });
  roots = authority.bundle();
  renew = async () => {
    const issued = await authority.issueServer(["heddle.heddle-system.svc"], [], 3_600_000);
    return { key: issued.privateKey, cert: issued.certificateChain };
  };
  certificate = await renew();
  server = await startWebhooks({
    host: "127.0.0.1",
    port: 0,
    certificate: () => {
      if (broken) throw new Error("the secret is gone");
      return certificate;
    },
    injection: () => settings,
    check: () => findings,
    log,
    metrics: registry,
  });
});

afterAll(async () => {
  agent.destroy();
  await server.stop();
  rmSync(folder, { recursive: true });
});

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly serial: string;
}

function post(path: string, body: string | Buffer, type = "application/json", with_: Agent = agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = httpsRequest(
      {
        host: "127.0.0.1",
        port: server.port,
        path,
        method: "POST",
        servername: "heddle.heddle-system.svc",
        ca: roots,
        agent: with_,
        headers: { "content-type": type, "content-length": Buffer.byteLength(body) },
      },
      (response) => {
        const serial = (response.socket as ReturnType<typeof connect>).getPeerCertificate().serialNumber;
        let text = "";
        response.on("data", (part: Buffer) => (text += part.toString()));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text, serial }));
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

const pod = (spec: object = {}, metadata: object = {}) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { generateName: "cart-", labels: { app: "cart" }, ...metadata },
  spec: { containers: [{ name: "cart", image: "cart:1" }], ...spec },
});

const review = (object: unknown, more: object = {}) =>
  JSON.stringify({
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    request: { uid: "u-1", operation: "CREATE", namespace: "shop", name: "", object, ...more },
  });

interface Response {
  readonly uid: string;
  readonly allowed: boolean;
  readonly patch?: string;
  readonly patchType?: string;
  readonly warnings?: readonly string[];
  readonly status?: { readonly message: string };
}

async function ask(path: string, object: unknown, more: object = {}): Promise<Response> {
  const { status, text } = await post(path, review(object, more));
  expect(status).toBe(200);
  return (JSON.parse(text) as { response: Response }).response;
}

const patchOf = ({ patch }: Response) =>
  JSON.parse(Buffer.from(patch ?? "", "base64").toString()) as { op: string; path: string; value: unknown }[];

describe("injection", () => {
  it("answers with a patch", async () => {
    const response = await ask("/inject", pod());
    expect(response).toMatchObject({ uid: "u-1", allowed: true, patchType: "JSONPatch" });
    expect(patchOf(response).map(({ op, path }) => `${op} ${path}`)).toEqual([
      "add /metadata/labels/security.istio.io~1tlsMode",
      "add /metadata/labels/service.istio.io~1canonical-name",
      "add /metadata/labels/service.istio.io~1canonical-revision",
      "add /metadata/annotations",
      "replace /spec/containers",
      "add /spec/initContainers",
      "add /spec/volumes",
    ]);
  });

  it("lets pass what it has no business with, unchanged", async () => {
    const untouched = { uid: "u-1", allowed: true };
    expect(await ask("/inject", pod({ hostNetwork: true }))).toEqual(untouched);
    expect(await ask("/inject", pod(), { namespace: "kube-system" })).toEqual(untouched);
    expect(await ask("/inject", pod({}, { labels: { "sidecar.istio.io/inject": "false" } }))).toEqual(untouched);
    expect(await ask("/inject", { kind: "Deployment", apiVersion: "apps/v1" })).toEqual(untouched);
  });

  it("says why it cannot", async () => {
    const { allowed, status } = await ask("/inject", pod({}, { annotations: { "sidecar.istio.io/proxyCPU": "much" } }));
    expect(allowed).toBe(false);
    expect(status?.message).toBe(
      "Heddle cannot inject a sidecar:\n" +
        'error HED501 metadata.annotations["sidecar.istio.io/proxyCPU"]: not an amount: "much"',
    );
  });

  it("warns of what will not be as its writer thinks", async () => {
    const { warnings } = await ask("/inject", pod({ securityContext: { runAsUser: 1337 } }));
    expect(warnings?.join()).toContain("IST0144");
  });

  it("asks for the settings each time", async () => {
    settings = { ...defaultInjectionSettings, policy: "disabled" };
    const { patch } = await ask("/inject", pod());
    settings = defaultInjectionSettings;
    expect(patch).toBeUndefined();
  });
});

const route = (spec: object) => ({
  apiVersion: "networking.istio.io/v1",
  kind: "VirtualService",
  metadata: { name: "cart", namespace: "shop" },
  spec,
});
const good = { hosts: ["cart"], http: [{ route: [{ destination: { host: "cart" } }] }] };

describe("validation", () => {
  afterEach(() => findings.splice(0));

  it("admits what is right", async () => {
    expect(await ask("/validate", route(good))).toEqual({ uid: "u-1", allowed: true });
  });

  it("refuses an error by its field, with a hint", async () => {
    const { allowed, status } = await ask("/validate", route({ ...good, htpp: [] }));
    expect(allowed).toBe(false);
    expect(status?.message).toContain('error HED101 spec.htpp: unknown field (did you mean "http"?)');
  });

  it("shows as warnings what only shows beside other objects", async () => {
    findings.push({ code: "IST0101", level: "error", message: "no such host" });
    expect(await ask("/validate", route(good))).toMatchObject({
      allowed: true,
      warnings: ["error IST0101: no such host"],
    });
  });

  const settingsMap = (data: object, name = "heddle") => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace: "heddle-system" },
    data,
  });

  it("judges the ConfigMap of the mesh's settings, each text by its own rules, and warns of what has no effect", async () => {
    expect(await ask("/validate", settingsMap({ mesh: "trustDomain: a", injection: "logLevel: info" }))).toEqual({
      uid: "u-1",
      allowed: true,
    });
    const { allowed, status } = await ask(
      "/validate",
      settingsMap({ mesh: "outboundTrafficPolicy: { mode: DENY }", injection: "proxyImage: a b" }),
    );
    expect(allowed).toBe(false);
    expect(status?.message.split("\n")).toEqual([
      "refused by Heddle:",
      expect.stringMatching(/^error HED112 data\.mesh\.outboundTrafficPolicy\.mode: .*DENY/) as unknown,
      "error HED501 data.injection.proxyImage: not the name of an image",
    ]);
    const { status: broken } = await ask("/validate", settingsMap({ mesh: "a: [" }));
    expect(broken?.message).toMatch(/^refused by Heddle:\nerror HED102 data\.mesh: /);
    const { status: empty } = await ask("/validate", settingsMap({ meshes: "" }));
    expect(empty?.message).toContain("error HED401 data.mesh: has no text");
    const { allowed: taken, warnings } = await ask("/validate", settingsMap({ mesh: "proxyListenPort: 15001" }));
    expect({ taken, warnings }).toEqual({
      taken: true,
      warnings: [expect.stringContaining("warning HED119 data.mesh.proxyListenPort") as unknown],
    });
  });

  it("has nothing to say of other ConfigMaps, and lets one that was bad before be labelled", async () => {
    const bad = { mesh: "a: [", injection: "a: [" };
    expect(await ask("/validate", settingsMap(bad, "heddle-live"))).toEqual({ uid: "u-1", allowed: true });
    expect(await ask("/validate", settingsMap(bad, "istio"))).toEqual({ uid: "u-1", allowed: true });
    const update = { operation: "UPDATE", oldObject: settingsMap(bad) };
    expect((await ask("/validate", settingsMap(bad), update)).allowed).toBe(true);
    expect((await ask("/validate", settingsMap({ mesh: "a: {" }), update)).allowed).toBe(false);
  });

  it("does not stand in the way of deletion, nor of labels, of what was bad before", async () => {
    const bad = route({ hosts: 1 });
    const { allowed, warnings } = await ask("/validate", bad, { operation: "UPDATE", oldObject: bad });
    expect({ allowed, told: (warnings ?? []).length > 0 }).toEqual({ allowed: true, told: true });
    const leaving = { ...bad, metadata: { ...bad.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" } };
    expect((await ask("/validate", leaving)).allowed).toBe(true);
    expect((await ask("/validate", bad, { operation: "UPDATE", oldObject: route(good) })).allowed).toBe(false);
  });
});

it("counts under Istio's names", async () => {
  await ask("/inject", pod());
  await ask("/validate", route({}));
  const text = await registry.metrics();
  expect(text).toMatch(/^sidecar_injection_requests_total [1-9]/m);
  expect(text).toMatch(/^sidecar_injection_success_total [1-9]/m);
  expect(text).toMatch(/^sidecar_injection_skip_total [1-9]/m);
  expect(text).toMatch(/^sidecar_injection_failure_total\{reason="invalid"\} [1-9]/m);
  expect(text).toMatch(/^galley_validation_failed\{kind="VirtualService"\} [1-9]/m);
});

it("shows a new certificate from the next connection on, and keeps the old one when there is no good new one", async () => {
  const fresh = () => new Agent({ keepAlive: false });
  const first = await post("/inject", review(pod()), undefined, fresh());
  certificate = await renew();
  const second = await post("/inject", review(pod()), undefined, fresh());
  expect(second.serial).not.toBe(first.serial);
  certificate = { key: "nonsense", cert: "nonsense" };
  expect((await post("/inject", review(pod()), undefined, fresh())).serial).toBe(second.serial);
  broken = true;
  expect((await post("/inject", review(pod()), undefined, fresh())).serial).toBe(second.serial);
  broken = false;
  certificate = await renew();
  expect((await post("/inject", review(pod()), undefined, fresh())).serial).not.toBe(second.serial);
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
    for (const path of ["/inject", "/validate"]) expect((await post(path, body)).status).toBe(status);
  });

  it.each<[string, object]>([
    ["no spec", { kind: "Pod" }],
    ["containers that are none", pod({ containers: "none" })],
    ["10,000 containers", pod({ containers: Array.from({ length: 10_000 }, (_, i) => ({ name: `c${i}` })) })],
    ["labels that are none", pod({}, { labels: [] })],
    ["annotations of numbers", pod({}, { annotations: { "sidecar.istio.io/inject": 1 } })],
  ])("refuses a pod with %s", async (_, object) => {
    const { allowed, status } = await ask("/inject", object);
    expect({ allowed, told: status?.message.includes("HED501") }).toEqual({ allowed: false, told: true });
  });

  it("ends a body of 100 MB early", async () => {
    const outcome = await post("/inject", Buffer.alloc(100 << 20, 32)).then(
      ({ status }) => status,
      (error: NodeJS.ErrnoException) => error.code,
    );
    expect([413, "ECONNRESET", "EPIPE"]).toContain(outcome);
    expect((await ask("/inject", pod())).allowed).toBe(true);
  });

  it("takes no other method, route or type", async () => {
    expect((await post("/metrics", "{}")).status).toBe(404);
    expect((await post("/inject", "a: b", "application/yaml")).status).toBe(415);
  });

  it("waits for nobody", async () => {
    const ended = (socket: ReturnType<typeof connectTcp>) =>
      new Promise<void>((resolve) => socket.on("error", () => undefined).on("close", () => resolve()));
    const silent = connectTcp(server.port, "127.0.0.1"); // no handshake
    const slow = connect({ port: server.port, host: "127.0.0.1", ca: roots, servername: "heddle.heddle-system.svc" });
    slow.on("secureConnect", () =>
      slow.write("POST /inject HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{"),
    );
    slow.resume();
    await Promise.all([ended(silent), ended(slow)]);
  }, 20_000);

  it("answers 500 at once", async () => {
    const answers = await Promise.all(Array.from({ length: 500 }, () => ask("/inject", pod())));
    expect(answers.every(({ allowed, patch }) => allowed && patch !== undefined)).toBe(true);
  }, 30_000);
});
