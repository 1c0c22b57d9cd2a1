import { edit, parseSpec, told } from "../test-support.ts";
import { parseServicePort } from "./service-port.ts";

const check = (spec: unknown) => parseSpec("RateLimit", spec, "heddle.io/v1alpha1");
const limit = { requests: 10, interval: "1s" };
const local = { rules: [{ limit }] };
const global = { global: { service: "limiter.infra:8081", domain: "shop" }, rules: [{ name: "all" }] };

it("reads every field", () => {
  const spec = {
    selector: { matchLabels: { app: "a" } },
    mode: "SHADOW",
    rules: [
      {
        name: "writes",
        match: {
          uri: { prefix: "/api" },
          method: { exact: "POST" },
          authority: { regex: "a|b" },
          headers: { "x-plan": { exact: "free" }, "x-trial": {} },
          port: 8080,
          route: "login",
        },
        per: "PRINCIPAL",
        limit: { ...limit, burst: 20 },
      },
      { perHeader: "X-Api-Key", limit },
    ],
  };
  const { objects, problems } = check(spec);
  expect(problems).toEqual([]);
  expect(JSON.parse(JSON.stringify(objects[0]?.spec))).toEqual(spec);
});

it("reads a global policy, whose limits are the service's", () => {
  const spec = edit(edit(global, "global.failureMode", "DENY"), "global.timeout", "50ms");
  expect(check(spec).problems).toEqual([]);
});

it.each([
  ["no rules", {}, "HED111 spec"],
  ["an empty list of rules", { rules: [] }, "HED113 spec.rules"],
  ["a rule without a limit", { rules: [{}] }, "HED111 spec.rules[0]"],
  ["no requests at all", edit(local, "rules.0.limit.requests", 0), "HED113 spec.rules[0].limit.requests"],
  ["half a request", edit(local, "rules.0.limit.requests", 0.5), "HED110 spec.rules[0].limit.requests"],
  [
    "an interval that Envoy refuses",
    edit(local, "rules.0.limit.interval", "49ms"),
    "HED202 spec.rules[0].limit.interval",
  ],
  ["both counts", { rules: [{ limit, per: "PRINCIPAL", perHeader: "x-user" }] }, "HED114 spec.rules[0]"],
  ["a pseudo-header", { rules: [{ limit, perHeader: ":path" }] }, "HED206 spec.rules[0].perHeader"],
  ["an empty uri", { rules: [{ limit, match: { uri: {} } }] }, "HED209 spec.rules[0].match.uri"],
  [
    "an open quotation",
    { rules: [{ limit, match: { uri: { regex: "\\Qabc" } } }] },
    "IST0122 spec.rules[0].match.uri.regex",
  ],
  ["half a character", { rules: [{ limit, match: { route: "a\ud800" } }] }, "HED120 spec.rules[0].match.route"],
  ["two ways to match", { rules: [{ limit, match: { uri: { exact: "/", prefix: "/" } } }] }, "HED114"],
  [
    "two rules of a name",
    {
      rules: [
        { limit, name: "a" },
        { limit, name: "a" },
      ],
    },
    "HED212 spec.rules[1].name",
  ],
  [
    "limits of its own in a global policy",
    { ...global, rules: [{ name: "all", limit }] },
    "HED208 spec.rules[0].limit",
  ],
  ["a global rule without a name", { ...global, rules: [{}] }, "HED209 spec.rules[0]"],
  ["a service without a port", edit(global, "global.service", "limiter"), "HED201 spec.global.service"],
  ["no patience", edit(global, "global.timeout", "0s"), "HED202 spec.global.timeout"],
  [
    "selector and targetRefs",
    { ...local, selector: { matchLabels: { a: "b" } }, targetRefs: [{ group: "g", kind: "Gateway", name: "a" }] },
    "HED208 spec.targetRefs",
  ],
])("refuses %s", (_why, spec, expected) => {
  const { objects, problems } = check(spec);
  expect(told(problems).join("\n")).toContain(expected);
  expect(objects).toEqual([]);
});

it("warns of what says nothing", () => {
  const spec = { rules: [{ limit, match: {} }], targetRefs: [{ group: "", kind: "Service", name: "a" }] };
  expect(
    told(check({ ...spec, targetRefs: [{ group: "apps", kind: "Deployment", name: "a" }] }).problems, "warning"),
  ).toEqual(["HED214 spec.targetRefs[0]", "HED214 spec.rules[0].match"]);
});

it.each([
  ["limiter:8081", { host: "limiter", port: 8081 }],
  ["Limiter.Infra.svc.cluster.local.:1", { host: "limiter.infra.svc.cluster.local", port: 1 }],
  ["limiter:0", undefined],
  ["limiter:65536", undefined],
  ["*.infra:80", undefined],
  [":80", undefined],
  ["a:b:80", undefined],
])("reads the service %s", (text, expected) => {
  expect(parseServicePort(text)).toEqual(expected);
});
