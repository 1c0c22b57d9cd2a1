import { edit, parseSpec, told } from "../test-support.ts";

const base = {
  hosts: ["reviews"],
  http: [{ route: [{ destination: { host: "reviews", subset: "v1" } }] }],
};
const check = (spec: unknown) => parseSpec("VirtualService", spec);
const inHttp = (field: string, value: unknown) => edit(base, `http.0.${field}`, value);
const inMatch = (match: unknown) => inHttp("match", [match]);
const withAction = (action: object) => ({ hosts: ["a"], http: [action] });

const rejected: readonly (readonly [why: string, spec: unknown, told: string])[] = [
  ["no routes", { hosts: ["a"] }, "HED209 spec"],
  ["the host * in the mesh", edit(base, "hosts", ["*"]), "HED201 spec.hosts[0]"],
  ["a wildcard in the middle", edit(base, "hosts", ["a.*.b"]), "HED201 spec.hosts[0]"],
  ["a host of 64 kB", edit(base, "hosts", ["a".repeat(65_536)]), "HED201 spec.hosts[0]"],
  ["a host with a newline", edit(base, "hosts", ["a\nb"]), "HED201 spec.hosts[0]"],
  ["a host with a path", edit(base, "hosts", ["../a"]), "HED201 spec.hosts[0]"],
  ["a host twice", edit(base, "hosts", ["a", "A"]), "HED212 spec.hosts[1]"],
  ["a host under a wildcard", edit(base, "hosts", ["*.a.com", "b.a.com"]), "HED212 spec.hosts[1]"],
  ["a delegate with gateways", { gateways: ["a/b"], http: base.http }, "HED208 spec.gateways"],
  ["a bad gateway", edit(base, "gateways", ["a/B"]), "HED215 spec.gateways[0]"],
  ["* beside others in exportTo", edit(base, "exportTo", ["*", "a"]), "HED213 spec.exportTo"],
  ["its own namespace twice", edit(base, "exportTo", [".", "default"]), "HED213 spec.exportTo[1]"],
  ["~ in exportTo", edit(base, "exportTo", ["~"]), "HED213 spec.exportTo[0]"],
  ["a route that does nothing", withAction({}), "HED209 spec.http[0]"],
  ["route and redirect", inHttp("redirect", { uri: "/" }), "HED208 spec.http[0]"],
  ["route and directResponse", inHttp("directResponse", { status: 200 }), "HED208 spec.http[0]"],
  [
    "fault and redirect",
    withAction({ redirect: { uri: "/" }, fault: { delay: { fixedDelay: "1s", percentage: { value: 1 } } } }),
    "HED208 spec.http[0].fault",
  ],
  [
    "rewrite and redirect",
    withAction({ redirect: { uri: "/" }, rewrite: { uri: "/" } }),
    "HED208 spec.http[0].rewrite",
  ],
  ["route and delegate", inHttp("delegate", { name: "a" }), "HED208 spec.http[0].route"],
  ["a delegate that delegates", { http: [{ delegate: { name: "a" } }] }, "HED208 spec.http[0].delegate"],
  [
    "a regex where routes are delegated",
    withAction({ delegate: { name: "a" }, match: [{ uri: { regex: ".*" } }] }),
    "HED208 spec.http[0].match[0].uri.regex",
  ],
  [
    "a redirect to two lines",
    withAction({ redirect: { authority: "a\nb" } }),
    "HED216 spec.http[0].redirect.authority",
  ],
  ["a rewrite to two lines", inHttp("rewrite", { uri: "/a\r" }), "HED216 spec.http[0].rewrite.uri"],
  [
    "a header's value of 20 kB",
    inHttp("headers", { request: { set: { a: "b".repeat(20_000) } } }),
    "HED103 spec.http[0].headers.request.set.a",
  ],
  [
    "a header's name of 20 kB",
    inHttp("headers", { response: { remove: ["b".repeat(20_000)] } }),
    "HED206 spec.http[0].headers.response.remove[0]",
  ],
  ["no destination", inHttp("route", [{ weight: 1 }]), "HED111 spec.http[0].route[0]"],
  [
    "the destination *",
    inHttp("route", [{ destination: { host: "*" } }]),
    "HED201 spec.http[0].route[0].destination.host",
  ],
  ["port 0", inHttp("route.0.destination.port", { number: 0 }), "HED204 spec.http[0].route[0].destination.port.number"],
  [
    "port 65536",
    inHttp("route.0.destination.port", { number: 65_536 }),
    "HED204 spec.http[0].route[0].destination.port.number",
  ],
  ["a bad subset", inHttp("route.0.destination.subset", "V 1"), "HED118 spec.http[0].route[0].destination.subset"],
  ["a negative weight", inHttp("route.0.weight", -1), "HED205 spec.http[0].route[0].weight"],
  ["half a weight", inHttp("route.0.weight", 0.5), "HED110 spec.http[0].route[0].weight"],
  [
    "weights of 0",
    inHttp("route", [{ destination: { host: "a" } }, { destination: { host: "b" }, weight: 0 }]),
    "HED205 spec.http[0].route",
  ],
  ["two kinds of match", inMatch({ uri: { exact: "/", prefix: "/" } }), "HED114 spec.http[0].match[0].uri"],
  ["an empty match", inMatch({ uri: {} }), "HED209 spec.http[0].match[0].uri"],
  ["an empty prefix", inMatch({ uri: { prefix: "" } }), "HED209 spec.http[0].match[0].uri.prefix"],
  ["an empty regex", inMatch({ uri: { regex: "" } }), "IST0122 spec.http[0].match[0].uri.regex"],
  [
    "a regex of 1,025 characters (F32)",
    inMatch({ uri: { regex: "a".repeat(1025) } }),
    "IST0122 spec.http[0].match[0].uri.regex",
  ],
  ["a look-ahead", inMatch({ headers: { a: { regex: "(?=a)" } } }), "IST0122 spec.http[0].match[0].headers.a.regex"],
  ["a bad header", inMatch({ headers: { "a b": { exact: "a" } } }), "HED206 spec.http[0].match[0].headers.a b"],
  [
    "a claim in the mesh",
    inMatch({ headers: { "@request.auth.claims.a": { exact: "a" } } }),
    "HED206 spec.http[0].match[0].headers.@request.auth.claims.a",
  ],
  ["a bad label", inMatch({ sourceLabels: { "a b": "c" } }), "HED210 spec.http[0].match[0].sourceLabels.a b"],
  ["a bad namespace", inMatch({ sourceNamespace: "A" }), "HED118 spec.http[0].match[0].sourceNamespace"],
  ["a timeout without a unit", inHttp("timeout", "5"), "HED202 spec.http[0].timeout"],
  ["a timeout of 1e9h", inHttp("timeout", "1e9h"), "HED202 spec.http[0].timeout"],
  ["a negative timeout", inHttp("timeout", "-1s"), "HED202 spec.http[0].timeout"],
  ["a timeout of 1ns", inHttp("timeout", "1ns"), "HED202 spec.http[0].timeout"],
  ["a timeout as a number", inHttp("timeout", 5), "HED110 spec.http[0].timeout"],
  ["negative attempts", inHttp("retries", { attempts: -1 }), "HED113 spec.http[0].retries.attempts"],
  ["a policy of no attempts", inHttp("retries", { attempts: 0, retryOn: "5xx" }), "HED208 spec.http[0].retries"],
  [
    "an unknown condition",
    inHttp("retries", { attempts: 1, retryOn: "5xx,conect-failure" }),
    "HED216 spec.http[0].retries.retryOn",
  ],
  [
    "a per-try timeout of 0",
    inHttp("retries", { attempts: 1, perTryTimeout: "0s" }),
    "HED202 spec.http[0].retries.perTryTimeout",
  ],
  ["an empty fault", inHttp("fault", {}), "HED209 spec.http[0].fault"],
  [
    "the status 199",
    inHttp("fault", { abort: { httpStatus: 199, percentage: { value: 1 } } }),
    "HED216 spec.http[0].fault.abort.httpStatus",
  ],
  [
    "the status 600",
    inHttp("fault", { abort: { httpStatus: 600, percentage: { value: 1 } } }),
    "HED216 spec.http[0].fault.abort.httpStatus",
  ],
  [
    "an unknown gRPC status",
    inHttp("fault", { abort: { grpcStatus: "NOTFOUND", percentage: { value: 1 } } }),
    "HED216 spec.http[0].fault.abort.grpcStatus",
  ],
  [
    "two kinds of abort",
    inHttp("fault", { abort: { grpcStatus: "NOT_FOUND", httpStatus: 500 } }),
    "HED114 spec.http[0].fault.abort",
  ],
  [
    "101 %",
    inHttp("fault", { delay: { fixedDelay: "1s", percentage: { value: 101 } } }),
    "HED203 spec.http[0].fault.delay.percentage.value",
  ],
  [
    "0.00001 %",
    inHttp("fault", { delay: { fixedDelay: "1s", percentage: { value: 0.00001 } } }),
    "HED203 spec.http[0].fault.delay.percentage.value",
  ],
  [
    "a delay of 0",
    inHttp("fault", { delay: { fixedDelay: "0s", percentage: { value: 1 } } }),
    "HED202 spec.http[0].fault.delay.fixedDelay",
  ],
  [
    "an exponential delay",
    inHttp("fault", { delay: { exponentialDelay: "1s", percentage: { value: 1 } } }),
    "HED216 spec.http[0].fault.delay.exponentialDelay",
  ],
  [
    "two ways to mirror",
    withAction({ ...base.http[0], mirror: { host: "a" }, mirrors: [{ destination: { host: "b" } }] }),
    "HED208 spec.http[0].mirrors",
  ],
  ["mirroring 101 %", inHttp("mirrorPercentage", { value: 101 }), "HED203 spec.http[0].mirrorPercentage.value"],
  ["an empty redirect", withAction({ redirect: {} }), "HED209 spec.http[0].redirect"],
  [
    "a redirect with 200",
    withAction({ redirect: { uri: "/", redirectCode: 200 } }),
    "HED216 spec.http[0].redirect.redirectCode",
  ],
  ["a redirect to ftp", withAction({ redirect: { scheme: "ftp" } }), "HED216 spec.http[0].redirect.scheme"],
  [
    "port and derivePort",
    withAction({ redirect: { port: 80, derivePort: "FROM_REQUEST_PORT" } }),
    "HED114 spec.http[0].redirect",
  ],
  ["a response without a status", withAction({ directResponse: {} }), "HED111 spec.http[0].directResponse"],
  ["a response of 100", withAction({ directResponse: { status: 100 } }), "HED216 spec.http[0].directResponse.status"],
  [
    "two bodies",
    withAction({ directResponse: { status: 200, body: { string: "a", bytes: "YQ==" } } }),
    "HED114 spec.http[0].directResponse.body",
  ],
  [
    "bytes that are no base64",
    withAction({ directResponse: { status: 200, body: { bytes: "a b" } } }),
    "HED216 spec.http[0].directResponse.body.bytes",
  ],
  ["an empty rewrite", inHttp("rewrite", {}), "HED209 spec.http[0].rewrite"],
  [
    "two rewrites of the path",
    inHttp("rewrite", { uri: "/", uriRegexRewrite: { match: "a", rewrite: "b" } }),
    "HED208 spec.http[0].rewrite",
  ],
  [
    "half a regex rewrite",
    inHttp("rewrite", { uriRegexRewrite: { match: "a" } }),
    "HED209 spec.http[0].rewrite.uriRegexRewrite",
  ],
  [
    "the host set twice",
    withAction({ ...base.http[0], rewrite: { authority: "a" }, headers: { request: { set: { Host: "b" } } } }),
    "HED208 spec.http[0]",
  ],
  [
    "a pseudo-header",
    inHttp("headers", { request: { set: { ":path": "/" } } }),
    "HED206 spec.http[0].headers.request.set.:path",
  ],
  [
    "the host in a response",
    inHttp("headers", { response: { set: { host: "a" } } }),
    "HED206 spec.http[0].headers.response.set.host",
  ],
  [
    "a newline in a header",
    inHttp("headers", { request: { set: { a: "b\nc" } } }),
    "HED206 spec.http[0].headers.request.set.a",
  ],
  [
    "half an operator",
    inHttp("headers", { request: { set: { a: "100%" } } }),
    "HED206 spec.http[0].headers.request.set.a",
  ],
  [
    "an unknown method",
    inHttp("corsPolicy", { allowMethods: ["get"] }),
    "HED216 spec.http[0].corsPolicy.allowMethods[0]",
  ],
  [
    "an empty origin",
    inHttp("corsPolicy", { allowOrigins: [{ exact: "" }] }),
    "HED209 spec.http[0].corsPolicy.allowOrigins[0].exact",
  ],
  ["parts of a second", inHttp("corsPolicy", { maxAge: "1500ms" }), "HED202 spec.http[0].corsPolicy.maxAge"],
  [
    "SNI outside the hosts",
    { hosts: ["a.com"], tls: [{ match: [{ sniHosts: ["b.com"] }], route: [{ destination: { host: "a" } }] }] },
    "HED201 spec.tls[0].match[0].sniHosts[0]",
  ],
  [
    "TLS without a match",
    { hosts: ["a.com"], tls: [{ match: [], route: [{ destination: { host: "a" } }] }] },
    "HED209 spec.tls[0].match",
  ],
  [
    "a bad subnet",
    {
      hosts: ["a.com"],
      tcp: [{ match: [{ destinationSubnets: ["10.0.0.0/33"] }], route: [{ destination: { host: "a" } }] }],
    },
    "HED211 spec.tcp[0].match[0].destinationSubnets[0]",
  ],
  ["TCP without a route", { hosts: ["a.com"], tcp: [{ match: [{ port: 80 }] }] }, "HED209 spec.tcp[0]"],
  ["null in a list", inHttp("match", [null]), "HED109 spec.http[0].match[0]"],
];

it.each(rejected)("refuses %s", (_why, spec, expected) => {
  const { objects, problems } = check(spec);
  expect(told(problems)).toContain(expected);
  expect(objects).toEqual([]);
});
