import fc from "fast-check";
import { stringify } from "yaml";
import { parseDocuments, parseObject } from "./parse.ts";
import { documentOf } from "./test-support.ts";

const seeds = [
  documentOf("networking.istio.io/v1", "VirtualService", {
    hosts: ["a", "*.b.com"],
    http: [
      {
        match: [{ uri: { prefix: "/a" }, headers: { x: { regex: "a.*" } } }],
        route: [{ destination: { host: "a", subset: "v1" }, weight: 5 }],
        fault: { delay: { fixedDelay: "5s", percentage: { value: 10 } } },
        retries: { attempts: 3, retryOn: "5xx" },
        timeout: "1s",
      },
    ],
  }),
  documentOf("networking.istio.io/v1", "DestinationRule", {
    host: "a",
    trafficPolicy: {
      loadBalancer: { localityLbSetting: { distribute: [{ from: "a/*", to: { a: 100 } }] } },
      portLevelSettings: [{ port: { number: 80 }, tls: { mode: "SIMPLE" } }],
    },
    subsets: [{ name: "v1", labels: { v: "1" } }],
  }),
  documentOf("networking.istio.io/v1", "ServiceEntry", {
    hosts: ["a.com"],
    ports: [{ name: "http", number: 80, protocol: "HTTP" }],
    resolution: "STATIC",
    endpoints: [{ address: "10.0.0.1", ports: { http: 1 } }],
  }),
  documentOf("networking.istio.io/v1", "Sidecar", {
    egress: [{ hosts: ["./*"] }],
    ingress: [{ port: { number: 1 }, defaultEndpoint: "127.0.0.1:1" }],
  }),
  documentOf("networking.istio.io/v1", "WorkloadEntry", { address: "10.0.0.1", labels: { a: "b" } }),
  documentOf("security.istio.io/v1", "PeerAuthentication", {
    selector: { matchLabels: { a: "b" } },
    portLevelMtls: { "80": { mode: "STRICT" } },
  }),
  documentOf("mesh.istio.io/v1alpha1", "MeshConfig", { trustDomain: "a", defaultHttpRetryPolicy: { attempts: 1 } }),
  stringify({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "a" },
    spec: { ports: [{ port: 80, targetPort: "a" }], clusterIPs: ["10.0.0.1"] },
  }),
  stringify({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "a" },
    spec: { containers: [{ name: "a", env: [{ name: "a" }] }] },
    status: { podIPs: [{ ip: "10.0.0.1" }] },
  }),
  stringify({
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: "a" },
    addressType: "IPv4",
    endpoints: [{ addresses: ["10.0.0.1"] }],
  }),
  "apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: Namespace, metadata: {name: a}}]\n",
  "a: &a [1, 2]\nb: *a\n<<: {c: d}\n",
];

const tokens = [
  "{",
  "}",
  "[",
  "]",
  ":",
  "- ",
  "? ",
  "&a ",
  "*a",
  "!!str ",
  "|\n",
  ">-\n",
  '"',
  "'",
  "#",
  "---\n",
  "...\n",
  "%YAML 1.1\n",
  "\0",
  "\uFEFF",
  "\t",
  "null",
  "1e400",
  "__proto__: ",
  "<<: ",
  "\r",
  "\uD800",
  "@",
  "`",
  "~",
  "*",
];

/** A text with a few bytes cut out, doubled, or replaced by something that means something in YAML. */
const mutated = fc
  .tuple(
    fc.constantFrom(...seeds),
    fc.array(fc.tuple(fc.nat(), fc.nat(20), fc.oneof(fc.constantFrom(...tokens), fc.string({ maxLength: 5 }))), {
      maxLength: 6,
    }),
  )
  .map(([seed, edits]) =>
    edits.reduce((text, [at, length, insert]) => {
      const start = at % (text.length + 1);
      return text.slice(0, start) + insert + text.slice(start + length);
    }, seed),
  );

/** A decoded object with one value replaced by anything. */
const odd = fc.oneof(
  fc.anything({ maxDepth: 2, withNullPrototype: true, withBigInt: true }),
  fc.constantFrom(null, [], {}, "", -1, 1e400, [null], "a".repeat(300)),
);

function withOddValue(value: unknown, steps: readonly number[], replacement: unknown): unknown {
  const [step, ...rest] = steps;
  if (step === undefined || typeof value !== "object" || value === null) return replacement;
  const keys = Object.keys(value);
  const key = keys[step % Math.max(1, keys.length)];
  if (key === undefined) return replacement;
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...value }) as Record<string, unknown>;
  copy[key] = withOddValue(copy[key], rest, replacement);
  return copy;
}

it("never throws on mutated text, and what it tells has a place (F36)", () => {
  fc.assert(
    fc.property(mutated, (text) => {
      const { objects, problems, rejected } = parseDocuments(text, "fuzz.yaml");
      const lines = text.split(/\r\n|\n|\r/).length;
      for (const { position } of problems) {
        expect(position?.line).toBeGreaterThan(0);
        expect(position?.line).toBeLessThanOrEqual(lines + 1);
        expect(position?.column).toBeGreaterThan(0);
      }
      for (const object of objects) expect(Object.isFrozen(object.spec)).toBe(true);
      expect(rejected.length === 0 || problems.some(({ level }) => level === "error")).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

it("never throws on decoded objects with anything in them", () => {
  const origin = { file: "fuzz", at: () => ({ file: "fuzz", line: 1, column: 1 }) };
  const raws = seeds.slice(0, 10).map((seed) => parseDocuments(seed, "seed.yaml").objects[0]);
  expect(raws.every((raw) => raw !== undefined)).toBe(true);
  fc.assert(
    fc.property(fc.constantFrom(...raws), fc.array(fc.nat(), { maxLength: 8 }), odd, (raw, steps, replacement) => {
      const { object, problems } = parseObject(withOddValue({ ...raw, origin: undefined }, steps, replacement), origin);
      expect(object === undefined || !problems.some(({ level }) => level === "error")).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

it("never throws on any text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => void parseDocuments(text, "fuzz.yaml")),
    { numRuns: 1000 },
  );
});
