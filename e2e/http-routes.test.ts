import { echoPod, echoService, meshForSuite, serverStats, type Answer, type RequestOptions } from "./harness/index.ts";

const mesh = meshForSuite({
  yaml: `${[
    echoPod({ name: "client" }),
    echoPod({ name: "shop" }),
    echoService({ name: "shop", ports: { http: [80, 8080], "http-more": [8081, 8080] } }),
  ].join("")}---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: shop, namespace: default }
spec:
  hosts: [shop]
  http:
    - { match: [{ uri: { exact: /moved } }], redirect: { uri: /new, authority: other.example, redirectCode: 308 } }
    - { match: [{ uri: { prefix: /old/ } }], redirect: { scheme: https, port: 8443 } }
    - { match: [{ uri: { exact: /same-port } }], redirect: { authority: other.example, derivePort: FROM_REQUEST_PORT } }
    - { match: [{ uri: { exact: /usual-port } }], redirect: { authority: other.example, derivePort: FROM_PROTOCOL_DEFAULT } }
    - { match: [{ uri: { prefix: /api/ } }], rewrite: { uri: / }, route: [{ destination: { host: shop } }] }
    - match: [{ uri: { prefix: /users/ } }]
      rewrite: { uriRegexRewrite: { match: "^/users/([^/]+)/orders/(.*)$", rewrite: '/orders/\\2?of=\\1' } }
      route: [{ destination: { host: shop } }]
    - { match: [{ uri: { exact: /as-other } }], rewrite: { authority: other.example }, route: [{ destination: { host: shop } }] }
    - match: [{ uri: { exact: /teapot } }]
      directResponse: { status: 418, body: { string: short and stout } }
      headers: { response: { set: { x-made-of: china } } }
    - { match: [{ uri: { exact: /bytes } }], directResponse: { status: 200, body: { bytes: c2hvcnQgYW5kIHN0b3V0 } } }
    - match: [{ uri: { prefix: /headers } }]
      headers:
        request: { set: { x-set: mesh }, add: { x-added: mesh }, remove: [x-removed] }
        response: { set: { x-answer: mesh }, remove: [content-type] }
      route:
        - destination: { host: shop }
          headers:
            request: { set: { x-destination: shop } }
            response: { add: { x-from: shop } }
    - match: [{ uri: { prefix: /by-destination } }]
      route:
        - destination: { host: shop }
          headers:
            request: { add: { x-added: destination }, remove: [x-removed] }
            response: { remove: [content-type] }
    - match: [{ uri: { prefix: /cors-by-older-field } }]
      corsPolicy: { allowOrigin: ["https://app.example"], allowMethods: [GET] }
      route: [{ destination: { host: shop } }]
    - match: [{ uri: { prefix: /cors-alone } }]
      corsPolicy: { allowOrigins: [{ exact: "https://app.example" }], unmatchedPreflights: IGNORE }
      route: [{ destination: { host: shop } }]
    - match: [{ uri: { prefix: /cors } }]
      corsPolicy:
        allowOrigins: [{ exact: "https://app.example" }, { prefix: "https://dev-" }, { regex: "https://[a-z]+\\\\.trusted\\\\.example" }]
        allowMethods: [GET, PUT]
        allowHeaders: [x-token]
        exposeHeaders: [x-answer]
        allowCredentials: true
        maxAge: 10m
      route: [{ destination: { host: shop } }]
    - route: [{ destination: { host: shop } }]
`,
});

async function ask(path: string, options: RequestOptions = {}): Promise<Answer> {
  const { answers } = await mesh().request("client", `http://shop${path}`, options);
  return answers[0] ?? { status: 0, ms: 0, headers: {} };
}

describe("redirect", () => {
  it("to another host and path, with its own status", async () => {
    expect(await ask("/moved")).toMatchObject({ status: 308, headers: { location: "http://other.example/new" } });
  });

  it("to another scheme and port, path and query as they are", async () => {
    expect(await ask("/old/a?b=c")).toMatchObject({
      status: 301,
      headers: { location: "https://shop:8443/old/a?b=c" },
    });
  });
});

it("a redirect to another host keeps the request's port, or takes the protocol's own", async () => {
  const { answers } = await mesh().request("client", "http://shop:8081/same-port");
  expect(answers[0]?.headers).toMatchObject({ location: "http://other.example:8081/same-port" });
  const { answers: usual } = await mesh().request("client", "http://shop:8081/usual-port");
  expect(usual[0]?.headers).toMatchObject({ location: "http://other.example/usual-port" });
});

describe("rewrite", () => {
  it("of a prefix", async () => {
    expect((await ask("/api/things?a=b")).body?.path).toBe("/things?a=b");
  });

  it("by a regex", async () => {
    expect((await ask("/users/7/orders/open")).body?.path).toBe("/orders/open?of=7");
  });

  it("of the host", async () => {
    expect((await ask("/as-other")).body?.headers["host"]).toBe("other.example");
  });
});

it("a direct response, with headers", async () => {
  expect(await ask("/teapot")).toMatchObject({
    status: 418,
    text: "short and stout",
    headers: { "x-made-of": "china" },
  });
});

it("a direct response of bytes", async () => {
  expect(await ask("/bytes")).toMatchObject({ status: 200, text: "short and stout" });
});

it("headers are added and removed by destination alone", async () => {
  const headers = { "x-added": "client", "x-removed": "client" };
  const { body, headers: answer } = await ask("/by-destination", { headers });
  expect(body?.headers).toMatchObject({ "x-added": "client, destination" });
  expect(body?.headers["x-removed"]).toBeUndefined();
  expect(answer["content-type"]).toBeUndefined();
});

it("headers are set, added and removed, by route and by destination", async () => {
  const headers = { "x-set": "client", "x-added": "client", "x-removed": "client" };
  const { body, headers: answer } = await ask("/headers", { headers });
  expect(body?.headers).toMatchObject({ "x-set": "mesh", "x-added": "client, mesh", "x-destination": "shop" });
  expect(body?.headers["x-removed"]).toBeUndefined();
  expect(answer).toMatchObject({ "x-answer": "mesh", "x-from": "shop" });
  expect(answer["content-type"]).toBeUndefined();
});

describe("CORS", () => {
  const preflight = (origin: string, path = "/cors"): Promise<Answer> =>
    ask(path, { method: "OPTIONS", headers: { origin, "access-control-request-method": "PUT" } });

  it("answers a preflight of an origin that may", async () => {
    for (const origin of ["https://app.example", "https://dev-1.example", "https://shop.trusted.example"]) {
      expect(await preflight(origin)).toMatchObject({
        status: 200,
        headers: {
          "access-control-allow-origin": origin,
          "access-control-allow-methods": "GET,PUT",
          "access-control-allow-headers": "x-token",
          "access-control-allow-credentials": "true",
          "access-control-max-age": "600",
        },
      });
    }
    expect((await serverStats(mesh(), "client", "shop")).byPath["/cors"]).toBeUndefined();
  });

  it("says nothing to another origin: the server does, or nobody where that is asked for", async () => {
    const seen = async (path: string): Promise<number | undefined> =>
      (await serverStats(mesh(), "client", "shop")).byPath[path];
    for (const path of ["/cors", "/cors-alone"])
      expect((await preflight("https://evil.example", path)).headers["access-control-allow-origin"]).toBeUndefined();
    expect([await seen("/cors"), await seen("/cors-alone")]).toEqual([1, undefined]);
  });

  it("by the older field, which lists origins as they are", async () => {
    const allowed = async (origin: string) =>
      (await preflight(origin, "/cors-by-older-field")).headers["access-control-allow-origin"];
    expect(await allowed("https://app.example")).toBe("https://app.example");
    expect(await allowed("https://app.example.org")).toBeUndefined();
  });

  it("marks the answer to the request itself", async () => {
    expect(await ask("/cors", { headers: { origin: "https://app.example" } })).toMatchObject({
      status: 200,
      headers: { "access-control-allow-origin": "https://app.example", "access-control-expose-headers": "x-answer" },
    });
  });
});
