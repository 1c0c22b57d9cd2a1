import {
  echoPod,
  echoService,
  meshForSuite,
  serverStats,
  waitFor,
  type Answer,
  type RequestOptions,
} from "./harness/index.ts";

/** `shop` and `mirrored` are one pod each; the policy is about calls to `shop`. */
const mesh = meshForSuite({
  yaml: `${[
    echoPod({ name: "client" }),
    echoPod({ name: "shop" }),
    echoPod({ name: "mirrored", version: "v2" }),
    echoService({ name: "shop" }),
    echoService({ name: "mirrored" }),
  ].join("")}---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: shop, namespace: default }
spec:
  hosts: [shop]
  http:
    - { match: [{ uri: { exact: /moved } }], redirect: { uri: /new, authority: other.example, redirectCode: 308 } }
    - { match: [{ uri: { prefix: /old/ } }], redirect: { scheme: https, port: 8443 } }
    - { match: [{ uri: { prefix: /api/ } }], rewrite: { uri: / }, route: [{ destination: { host: shop } }] }
    - match: [{ uri: { prefix: /users/ } }]
      rewrite: { uriRegexRewrite: { match: "^/users/([^/]+)/orders/(.*)$", rewrite: '/orders/\\2?of=\\1' } }
      route: [{ destination: { host: shop } }]
    - { match: [{ uri: { exact: /as-other } }], rewrite: { authority: other.example }, route: [{ destination: { host: shop } }] }
    - match: [{ uri: { exact: /teapot } }]
      directResponse: { status: 418, body: { string: short and stout } }
      headers: { response: { set: { x-made-of: china } } }
    - match: [{ uri: { prefix: /headers } }]
      headers:
        request: { set: { x-set: mesh }, add: { x-added: mesh }, remove: [x-removed] }
        response: { set: { x-answer: mesh }, remove: [content-type] }
      route:
        - destination: { host: shop }
          headers:
            request: { set: { x-destination: shop } }
            response: { add: { x-from: shop } }
    - match: [{ uri: { prefix: /mirrored } }]
      mirror: { host: mirrored }
      route: [{ destination: { host: shop } }]
    - match: [{ uri: { prefix: /half-mirrored } }]
      mirrors: [{ destination: { host: mirrored }, percentage: { value: 50 } }]
      route: [{ destination: { host: shop } }]
    - match: [{ uri: { prefix: /cors } }]
      corsPolicy:
        allowOrigins: [{ exact: "https://app.example" }, { regex: "https://[a-z]+\\\\.trusted\\\\.example" }]
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

it("headers are set, added and removed, by route and by destination", async () => {
  const headers = { "x-set": "client", "x-added": "client", "x-removed": "client" };
  const { body, headers: answer } = await ask("/headers", { headers });
  expect(body?.headers).toMatchObject({ "x-set": "mesh", "x-added": "client, mesh", "x-destination": "shop" });
  expect(body?.headers["x-removed"]).toBeUndefined();
  expect(answer).toMatchObject({ "x-answer": "mesh", "x-from": "shop" });
  expect(answer["content-type"]).toBeUndefined();
});

describe("mirror", () => {
  const copies = async (path: string): Promise<number> =>
    (await serverStats(mesh(), "client", "mirrored")).byPath[path] ?? 0;

  it("sends a copy of everything, and the answer is the original's", async () => {
    const sent = await mesh().request("client", "http://shop/mirrored", { count: 30 });
    expect(sent.byVersion).toEqual({ v1: 30 });
    await waitFor("30 copies", async () => (await copies("/mirrored")) === 30);
  });

  it("sends copies of half of 400, within 10 %", async () => {
    await mesh().request("client", "http://shop/half-mirrored", { count: 400, concurrency: 4 });
    await waitFor("copies of half", async () => Math.abs((await copies("/half-mirrored")) - 200) < 40); // four standard deviations
    expect(await copies("/half-mirrored")).toBeLessThan(240);
  });
});

describe("CORS", () => {
  const preflight = (origin: string): Promise<Answer> =>
    ask("/cors", { method: "OPTIONS", headers: { origin, "access-control-request-method": "PUT" } });

  it("answers a preflight of an origin that may", async () => {
    for (const origin of ["https://app.example", "https://shop.trusted.example"]) {
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

  it("says nothing to another origin", async () => {
    expect((await preflight("https://evil.example")).headers["access-control-allow-origin"]).toBeUndefined();
  });

  it("marks the answer to the request itself", async () => {
    expect(await ask("/cors", { headers: { origin: "https://app.example" } })).toMatchObject({
      status: 200,
      headers: { "access-control-allow-origin": "https://app.example", "access-control-expose-headers": "x-answer" },
    });
  });
});
