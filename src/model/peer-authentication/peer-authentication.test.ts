import { parseSpec, told } from "../test-support.ts";

const check = (spec: unknown, version = "v1") => parseSpec("PeerAuthentication", spec, `security.istio.io/${version}`);
const selector = { matchLabels: { app: "a" } };

it.each(["v1", "v1beta1"])("reads every field from %s", (version) => {
  const spec = {
    selector,
    mtls: { mode: "STRICT" },
    portLevelMtls: { "8080": { mode: "DISABLE" }, "65535": { mode: "UNSET" } },
  };
  const { objects, problems } = check(spec, version);
  expect(problems).toEqual([]);
  expect(JSON.parse(JSON.stringify(objects[0]?.spec))).toEqual(spec);
});

it("takes ports that YAML reads as numbers", () => {
  expect(told(check({ selector, portLevelMtls: { 8080: { mode: "STRICT" } } }).problems)).toEqual([]);
});

it.each([
  ["ports without a selector", { portLevelMtls: { "80": { mode: "STRICT" } } }, "HED208 spec.portLevelMtls"],
  [
    "ports with an empty selector",
    { selector: {}, portLevelMtls: { "80": { mode: "STRICT" } } },
    "HED208 spec.portLevelMtls",
  ],
  ["no ports", { selector, portLevelMtls: {} }, "HED113 spec.portLevelMtls"],
  ["port 0", { selector, portLevelMtls: { "0": { mode: "STRICT" } } }, "HED204 spec.portLevelMtls.0"],
  ["port 65536", { selector, portLevelMtls: { "65536": { mode: "STRICT" } } }, "HED204 spec.portLevelMtls.65536"],
  ["a named port", { selector, portLevelMtls: { http: { mode: "STRICT" } } }, "HED204 spec.portLevelMtls.http"],
  ["an unknown mode", { mtls: { mode: "STRCT" } }, "HED112 spec.mtls.mode"],
  ["a mode in lower case", { mtls: { mode: "strict" } }, "HED112 spec.mtls.mode"],
  ["no value", { mtls: null }, "HED109 spec.mtls"],
  ["a wildcard in a selector", { selector: { matchLabels: { app: "a*" } } }, "HED210 spec.selector.app"],
])("refuses %s", (_why, spec, expected) => {
  const { objects, problems } = check(spec);
  expect(told(problems)).toContain(expected);
  expect(objects).toEqual([]);
});

it("is not known in v1alpha3", () => {
  expect(told(check({}, "v1alpha3").problems, "warning")).toEqual(["HED116 apiVersion"]);
});
