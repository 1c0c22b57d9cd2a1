import { X509Certificate } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { pino } from "pino";
import { openAuthority } from "../ca/index.ts";
import { systemClock } from "../lib/index.ts";
import type { createAdminApp } from "./server.ts";
import { app, live, privateKey, proxy, silent, token } from "./testdata/sources.ts";

describe("what the admin API shows", () => {
  const { app: api, headers } = app();
  const get = async (url: string) => {
    const reply = await api.inject({ url, headers });
    return { status: reply.statusCode, body: reply.json() };
  };

  it("proxies, objects and problems", async () => {
    expect(await get("/api/v1/proxies")).toEqual({ status: 200, body: { proxies: [proxy] } });
    expect((await get("/api/v1/objects")).body.objects).toHaveLength(1);
    expect((await get("/api/v1/problems")).body.problems[0].code).toBe("HED101");
  });

  it("what a proxy is served, of one type or all, without keys", async () => {
    expect((await get(`/api/v1/proxies/${proxy.name}/config?type=clusters`)).body.resources).toHaveLength(1);
    const all = await get(`/api/v1/proxies/${proxy.name}/config`);
    expect(all.body.resources).toHaveLength(2);
    expect(all.body.resources[1].resource.tlsCertificate).toEqual({
      certificateChain: { inlineString: "chain" },
      privateKey: { inlineString: "[redacted]" },
    });
    expect(JSON.stringify(all.body)).not.toContain(privateKey.slice(40, 80));
  });

  it.each([
    ["/api/v1/proxies/nobody/config", 404],
    ["/api/v1/proxies/..%2f..%2fetc%2fpasswd/config", 404],
    [`/api/v1/proxies/${"a".repeat(600)}/config`, 414],
    [`/api/v1/proxies/${proxy.name}/config?type=keys`, 400],
    [`/api/v1/proxies/${proxy.name}/config?typ=clusters`, 400],
    [`/api/v1/proxies/${proxy.name}/config?type=clusters&type=secrets`, 400],
    ["/api/v1/nothing", 404],
    ["/%00", 404],
  ])("%s: %i", async (url, status) => {
    const answer = await get(url);
    expect(answer.status).toBe(status);
    expect(typeof answer.body.error).toBe("string");
  });

  it("the roots of the CA", async () => {
    const dir = await mkdtemp(join(tmpdir(), "heddle-web-"));
    try {
      const ca = await openAuthority({ dir, trustDomain: "cluster.local", clock: systemClock, log: silent });
      const { app: withCa, headers: own } = app({ ca });
      const body = (await withCa.inject({ url: "/api/v1/ca", headers: own })).json();
      const root = new X509Certificate(ca.bundle());
      expect(body).toEqual({
        trustDomain: "cluster.local",
        roots: [
          {
            subject: "O=cluster.local, CN=Heddle root",
            notBefore: root.validFromDate.getTime(),
            notAfter: root.validToDate.getTime(),
            fingerprint: root.fingerprint256,
          },
        ],
        bundle: ca.bundle(),
      });
    } finally {
      await rm(dir, { recursive: true });
    }
  });

  it("metrics, and whether it is ready", async () => {
    const metrics = await api.inject({ url: "/metrics", headers });
    expect(metrics.body).toContain("heddle_test_total 0");
    expect(metrics.headers["content-type"]).toContain("text/plain");
    expect((await api.inject({ url: "/readyz" })).statusCode).toBe(200);
    const { app: starting } = app({ ready: () => false });
    expect((await starting.inject({ url: "/readyz" })).statusCode).toBe(503);
    expect((await starting.inject({ url: "/healthz" })).statusCode).toBe(200);
  });

  it("a fault of ours as 500 without a word of it, which goes to the log", async () => {
    let logged = "";
    const log = pino(new Writable({ write: (chunk: Buffer, _e, done) => ((logged += chunk.toString()), done()) }));
    const { app: broken, headers: own } = app(
      {
        proxies: () => {
          throw new Error("secret detail");
        },
      },
      { log },
    );
    const reply = await broken.inject({ url: "/api/v1/proxies", headers: own });
    expect(reply.statusCode).toBe(500);
    expect(reply.body).not.toContain("secret detail");
    expect(logged).toContain("secret detail");
    expect(logged).not.toContain(token);
  });
});

describe("apply", () => {
  const yaml = { "content-type": "application/yaml" };

  it("hands on the text and the file's name, and does not wait unasked", async () => {
    const seen: string[] = [];
    const { app: api, headers } = app({
      apply: (text, file) =>
        Promise.resolve({ written: seen.push(text, file) > 0, revision: "2", objects: [], problems: [] }),
      live: () => Promise.reject(new Error("nobody waits")),
    });
    const reply = await api.inject({
      method: "POST",
      url: "/api/v1/apply?file=my%20policy%20(%C3%BC).yaml",
      headers: { ...headers, ...yaml },
      body: "kind: X\n",
    });
    expect(reply.json()).toEqual({ written: true, revision: "2", objects: [], problems: [] });
    expect(seen).toEqual(["kind: X\n", "my policy (ü).yaml"]);
  });

  it("waits until the revision is live", async () => {
    const { app: api, headers } = app();
    const reply = await api.inject({
      method: "POST",
      url: "/api/v1/apply?file=a.yaml&wait=true",
      headers: { ...headers, ...yaml },
      body: "a",
    });
    expect(reply.json()).toEqual({ written: true, revision: "2", objects: [], problems: [], live });
  });

  it("answers when the time is over", async () => {
    const { app: api, headers } = app({
      live: (revision, signal) =>
        new Promise((resolve) =>
          signal.addEventListener("abort", () => resolve({ ...live, revision, proxies: [], pending: [proxy.name] })),
        ),
    });
    const url = "/api/v1/apply?file=a.yaml&wait=true&timeoutMs=20";
    const reply = await api.inject({ method: "POST", url, headers: { ...headers, ...yaml }, body: "a" });
    expect(reply.json().live).toMatchObject({ proxies: [], pending: [proxy.name] });
  });

  it("is 422 where the text has errors, and waits for nothing", async () => {
    const problems = [{ code: "HED101", level: "error" as const, message: "unknown field" }];
    const { app: api, headers } = app({
      apply: () => Promise.resolve({ written: false, revision: "1", objects: [], problems }),
      live: () => Promise.reject(new Error("nobody waits")),
    });
    const reply = await api.inject({
      method: "POST",
      url: "/api/v1/apply?file=a.yaml&wait=true",
      headers: { ...headers, ...yaml },
      body: "a",
    });
    expect(reply.statusCode).toBe(422);
    expect(reply.json()).toEqual({ written: false, revision: "1", objects: [], problems });
  });

  it.each([
    ["no file", "/api/v1/apply", yaml, "a", 400],
    ["a path", "/api/v1/apply?file=..%2fx.yaml", yaml, "a", 400],
    ["a hidden file", "/api/v1/apply?file=.x.yaml", yaml, "a", 400],
    ["a folder above", "/api/v1/apply?file=..", yaml, "a", 400],
    ["a NUL", "/api/v1/apply?file=a%00.yaml", yaml, "a", 400],
    ["an endless wait", "/api/v1/apply?file=a.yaml&wait=true&timeoutMs=99999999", yaml, "a", 400],
    ["an unknown setting", "/api/v1/apply?file=a.yaml&force=true", yaml, "a", 400],
    ["JSON", "/api/v1/apply?file=a.yaml", { "content-type": "application/json" }, "{}", 415],
    ["a form", "/api/v1/apply?file=a.yaml", { "content-type": "text/plain" }, "a", 415],
    ["no body", "/api/v1/apply?file=a.yaml", {}, undefined, 415],
    ["2 MB", "/api/v1/apply?file=a.yaml", yaml, "a".repeat(2_000_000), 413],
  ])("refuses %s", async (_what, url, type, body, status) => {
    const { app: api, headers } = app({ apply: () => Promise.reject(new Error("must not come here")) });
    const reply = await api.inject({
      method: "POST",
      url,
      headers: { ...headers, ...type },
      ...(body === undefined ? {} : { body }),
    });
    expect(reply.statusCode).toBe(status);
  });
});

describe("join tokens", () => {
  const ask = (api: ReturnType<typeof createAdminApp>["app"], headers: object, body: object | string) =>
    api.inject({
      method: "POST",
      url: "/api/v1/tokens",
      headers: { ...headers, "content-type": "application/json" },
      body,
    });
  const request = { namespace: "shop", serviceAccount: "reviews", ttlMs: 60_000 };

  it("are made by the CA", async () => {
    const { app: api, headers } = app({
      createToken: (asked) => Promise.resolve({ token: JSON.stringify(asked), expiresAt: 7 }),
    });
    const reply = await ask(api, headers, { ...request, workload: "reviews-v1" });
    expect(reply.statusCode).toBe(201);
    expect(reply.json()).toEqual({ token: JSON.stringify({ ...request, workload: "reviews-v1" }), expiresAt: 7 });
  });

  it("are 422 where the CA refuses", async () => {
    const { app: api, headers } = app({ createToken: () => Promise.resolve({ refused: "namespace: no" }) });
    expect((await ask(api, headers, request)).statusCode).toBe(422);
  });

  it.each([
    [null],
    [[]],
    [{ ...request, audience: "other" }],
    [{ ...request, namespace: "" }],
    [{ ...request, ttlMs: "soon" }],
    [{ ...request, ttlMs: -1 }],
    [{ namespace: "shop" }],
    ["{"],
    ["null"],
    ['{"__proto__": {"namespace": "shop"}, "serviceAccount": "a", "ttlMs": 1}'],
  ])("are not made of %j", async (body) => {
    const { app: api, headers } = app({ createToken: () => Promise.reject(new Error("must not come here")) });
    expect((await ask(api, headers, body ?? "null")).statusCode).toBe(400);
  });
});
