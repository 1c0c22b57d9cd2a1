import { edit, parseSpec, told } from "../test-support.ts";

const base = {
  hosts: ["reviews"],
  http: [{ route: [{ destination: { host: "reviews", subset: "v1" } }] }],
};
const check = (spec: unknown) => parseSpec("VirtualService", spec);
const inHttp = (field: string, value: unknown) => edit(base, `http.0.${field}`, value);

/** A spec that covers every field of http[], in one place or another. */
const full = {
  hosts: ["reviews.prod.svc.cluster.local", "10.0.0.1", "*.example.com"],
  gateways: ["mesh", "istio-system/edge"],
  exportTo: [".", "other"],
  http: [
    {
      name: "main",
      match: [
        {
          name: "m",
          uri: { prefix: "/api" },
          scheme: { exact: "https" },
          method: { regex: "GET|POST" },
          authority: { exact: "" },
          headers: { "end-user": { exact: "jason" }, "x-present": {} },
          withoutHeaders: { "x-off": {} },
          queryParams: { a: { exact: "" }, b: {} },
          port: 80,
          sourceLabels: { app: "web" },
          sourceNamespace: "prod",
          gateways: ["mesh"],
          ignoreUriCase: true,
          statPrefix: "api",
        },
      ],
      route: [
        {
          destination: { host: "reviews", subset: "v1", port: { number: 80 } },
          weight: 95,
          headers: { response: { remove: ["x"] } },
        },
        { destination: { host: "reviews", subset: "v2" }, weight: 5 },
      ],
      headers: { request: { set: { "x-a": "%REQ(x-b)% 100%%" }, add: { "x-c": "1" }, remove: ["x-d"] } },
      fault: {
        abort: { httpStatus: 503, percentage: { value: 0.0001 } },
        delay: { fixedDelay: "5s", percentage: { value: 10 } },
      },
      retries: {
        attempts: 3,
        perTryTimeout: "2s",
        retryOn: "5xx,connect-failure,503",
        retryRemoteLocalities: true,
        backoff: "25ms",
      },
      timeout: "1m30s",
      rewrite: { uri: "/", authority: "other" },
      mirror: { host: "shadow" },
      mirrorPercentage: { value: 50 },
      corsPolicy: {
        allowOrigins: [{ exact: "https://a.example" }, { regex: "https://.*" }],
        allowMethods: ["GET"],
        allowHeaders: ["*", "x-a"],
        exposeHeaders: ["x-b"],
        maxAge: "24h",
        allowCredentials: true,
        unmatchedPreflights: "IGNORE",
      },
    },
    {
      match: [{ uri: { exact: "/old" } }],
      redirect: { uri: "/new", authority: "b", redirectCode: 301, scheme: "https", port: 443 },
    },
    { match: [{ uri: { exact: "/no" } }], directResponse: { status: 404, body: { string: "gone" } } },
    { match: [{ uri: { prefix: "/d" } }], delegate: { name: "rest", namespace: "prod" } },
    {
      route: [{ destination: { host: "reviews" } }],
      mirrors: [{ destination: { host: "shadow" }, percentage: { value: 1 } }],
      timeout: "0s",
    },
  ],
  tls: [
    {
      match: [{ sniHosts: ["a.example.com"], port: 443, destinationSubnets: ["10.0.0.0/8"] }],
      route: [{ destination: { host: "a" } }],
    },
  ],
  tcp: [{ match: [{ port: 27017, sourceLabels: { app: "a" } }], route: [{ destination: { host: "mongo" } }] }],
};

it("takes every field", () => {
  const { objects, problems } = check(full);
  expect(told(problems)).toEqual([]);
  expect(JSON.parse(JSON.stringify(objects[0]?.spec))).toEqual(full);
});

it.each(["v1alpha3", "v1beta1", "v1"])("reads the same from %s", (version) => {
  const { objects } = parseSpec("VirtualService", full, `networking.istio.io/${version}`);
  expect(objects[0]?.spec).toEqual(check(full).objects[0]?.spec);
});

it("brings hosts to lower case, without a final dot (F31)", () => {
  const { objects } = check({
    hosts: ["Reviews.Prod."],
    http: [{ route: [{ destination: { host: "REVIEWS" } }], mirror: { host: "B." } }],
  });
  expect(JSON.parse(JSON.stringify(objects[0]?.spec))).toEqual({
    hosts: ["reviews.prod"],
    http: [{ route: [{ destination: { host: "reviews" } }], mirror: { host: "b" } }],
  });
});

const forGateways = { hosts: ["*"], gateways: ["a/b"], http: base.http };
const accepted: readonly (readonly [what: string, spec: unknown])[] = [
  ["the host * for gateways", forGateways],
  [
    "claims for gateways",
    edit(forGateways, "http.0.match", [{ headers: { "@request.auth.claims.a": { exact: "a" } } }]),
  ],
  ["a delegate", { http: base.http }],
  ["an IPv6 host", edit(base, "hosts", ["fd00::1"])],
  ["retries turned off", inHttp("retries", { attempts: 0 })],
  [
    "an aborted call by gRPC status",
    inHttp("fault", { abort: { grpcStatus: "UNAVAILABLE", percentage: { value: 100 } } }),
  ],
  ["a single weight of 0", inHttp("route", [{ destination: { host: "a" }, weight: 0 }])],
  ["the host as the only change", inHttp("headers", { request: { set: { ":authority": "a" } } })],
];

it.each(accepted)("takes %s", (_what, spec) => {
  expect(told(check(spec).problems)).toEqual([]);
  expect(check(spec).objects).toHaveLength(1);
});

const warned: readonly (readonly [what: string, spec: unknown, told: string])[] = [
  ["a rule after a catch-all", { hosts: ["a"], http: [base.http[0], base.http[0]] }, "IST0130 spec.http[1]"],
  [
    "a match that stands twice",
    edit(base, "http", [
      { ...base.http[0], match: [{ uri: { exact: "/" } }] },
      { ...base.http[0], match: [{ uri: { exact: "/" }, name: "b" }] },
    ]),
    "IST0131 spec.http[1].match[0]",
  ],
  [
    "a longer prefix after a shorter",
    edit(base, "http", [
      { ...base.http[0], match: [{ uri: { prefix: "/a" } }] },
      { ...base.http[0], match: [{ uri: { prefix: "/ab" } }] },
    ]),
    "IST0131 spec.http[1].match[0]",
  ],
  ["a fault without a percentage", inHttp("fault", { delay: { fixedDelay: "1s" } }), "HED214 spec.http[0].fault.delay"],
  ["mirrorPercent", inHttp("mirrorPercent", 50), "IST0002 spec.http[0].mirrorPercent"],
  ["the old form of a gateway", edit(base, "gateways", ["a.b.svc", "mesh"]), "HED215 spec.gateways[0]"],
];

it.each(warned)("warns of %s", (_what, spec, expected) => {
  const { objects, problems } = check(spec);
  expect(told(problems, "warning")).toContain(expected);
  expect(objects).toHaveLength(1);
});
