import { createAdminApp, createAdminServer } from "./server.ts";
import { app, proxy, silent, sources, token } from "./testdata/sources.ts";

describe("F64: who may ask", () => {
  const routes = [
    ["GET", "/api/v1/proxies"],
    ["GET", "/api/v1/refused"],
    ["GET", `/api/v1/proxies/${proxy.name}/config`],
    ["GET", "/api/v1/problems"],
    ["GET", "/api/v1/objects"],
    ["GET", "/api/v1/ca"],
    ["GET", "/metrics"],
    ["HEAD", "/metrics"],
    ["POST", "/api/v1/apply?file=a.yaml"],
    ["POST", "/api/v1/tokens"],
    ["GET", "/"],
    ["GET", "/unknown"],
    ["GET", "/healthz/../metrics"],
    ["GET", "//healthz"],
    ["OPTIONS", "/api/v1/apply"],
    ["POST", "/healthz"],
  ] as const;

  it.each(routes)("nobody without a token: %s %s", async (method, url) => {
    const { app: api } = app();
    for (const authorization of [
      undefined,
      "",
      "Bearer",
      "Bearer ",
      `Bearer ${"u".repeat(43)}`,
      `Basic ${token}`,
      `Bearer  ${token}`,
      token,
    ]) {
      const headers = { host: "127.0.0.1:15080", ...(authorization === undefined ? {} : { authorization }) };
      const reply = await api.inject({ method, url, headers });
      expect([url, authorization, reply.statusCode]).toEqual([url, authorization, 401]);
    }
  });

  it("every route there is: a new one belongs into the table above", () => {
    const { app: api } = app();
    const tree = api.printRoutes({ commonPrefix: false });
    expect(tree.match(/\S+(?= \()/g)).toEqual([
      "/api/v1/proxies",
      "/:name/config",
      "/api/v1/problems",
      "/api/v1/refused",
      "/api/v1/objects",
      "/api/v1/ca",
      "/api/v1/apply",
      "/api/v1/tokens",
      "/healthz",
      "/readyz",
      "/metrics",
    ]);
  });

  it.each(["/healthz", "/readyz"])("anybody %s, who learns one word", async (url) => {
    const { app: api } = app();
    const reply = await api.inject({ url, headers: { host: "10.0.0.7:15080" } });
    expect([reply.statusCode, reply.body]).toEqual([200, "ok\n"]);
  });

  it.each([
    "evil.example",
    "127.0.0.1.evil.example",
    "127.0.0.1:80@evil.example",
    "localhost.evil.example:15080",
    "10.0.0.7:15080",
    "[::2]",
  ])("no page that reached us under the name %j", async (host) => {
    const { app: api, headers } = app();
    expect((await api.inject({ url: "/api/v1/proxies", headers: { ...headers, host } })).statusCode).toBe(403);
  });

  it.each(["localhost", "LOCALHOST:15080", "127.0.0.1", "127.1.2.3:1", "[::1]:15080"])(
    "us under the name %j",
    async (host) => {
      const { app: api, headers } = app();
      expect((await api.inject({ url: "/api/v1/proxies", headers: { ...headers, host } })).statusCode).toBe(200);
    },
  );

  it("no page of another origin, even with the token; no CORS", async () => {
    const { app: api, headers } = app();
    for (const origin of ["https://evil.example", "null", "http://evil.example"]) {
      const reply = await api.inject({ url: "/api/v1/proxies", headers: { ...headers, origin } });
      expect(reply.statusCode).toBe(403);
    }
    const own = await api.inject({ url: "/api/v1/proxies", headers: { ...headers, origin: "http://127.0.0.1:15080" } });
    expect(own.statusCode).toBe(200);
    expect(Object.keys(own.headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
    expect(own.headers).toMatchObject({ "cache-control": "no-store", "x-content-type-options": "nosniff" });
  });

  it("Prometheus without a token, where that is set", async () => {
    const { app: api } = app({}, { openMetrics: true });
    const host = "127.0.0.1:15080";
    expect((await api.inject({ url: "/metrics", headers: { host } })).statusCode).toBe(200);
    expect((await api.inject({ url: "/api/v1/proxies", headers: { host } })).statusCode).toBe(401);
    expect((await api.inject({ url: "/metrics", headers: { host: "evil.example" } })).statusCode).toBe(403);
  });

  it("nobody beyond this machine, and nobody with an empty token", () => {
    for (const host of ["0.0.0.0", "::", "10.0.0.7", "example.com"]) {
      expect(() => createAdminServer(sources(), { host, port: 0, token, log: silent })).toThrow("loopback");
    }
    expect(() => createAdminApp(sources(), { token: "", log: silent })).toThrow("token");
  });
});
