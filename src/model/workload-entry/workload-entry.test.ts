import { stringify } from "yaml";
import { parseDocuments } from "../parse.ts";
import { parseSpec, told } from "../test-support.ts";

const check = (spec: unknown) => parseSpec("WorkloadEntry", spec);

it("takes every field", () => {
  const spec = {
    address: "10.0.0.1",
    ports: { http: 8080 },
    labels: { app: "a", "topology.kubernetes.io/zone": "z" },
    network: "n",
    locality: "r/z/s",
    weight: 1,
    serviceAccount: "a",
  };
  const { objects, problems } = check(spec);
  expect(told(problems)).toEqual([]);
  expect(JSON.parse(JSON.stringify(objects[0]?.spec))).toEqual(spec);
});

it.each([
  { address: "vm.example.com" },
  { address: "fd00::1" },
  { address: "unix:///run/a" },
  { address: "unix://@a" },
  { network: "n" },
])("takes %j", (spec) => expect(check(spec).objects).toHaveLength(1));

it.each([
  ["no address", {}, "HED209 spec"],
  ["a bad address", { address: "10.0.0.256" }, "HED201 spec.address"],
  ["an address with a port", { address: "10.0.0.1:80" }, "HED201 spec.address"],
  ["a wildcard", { address: "*.a.com" }, "HED201 spec.address"],
  ["a socket with ports", { address: "unix:///a", ports: { a: 1 } }, "HED208 spec.ports"],
  ["port 0", { address: "10.0.0.1", ports: { http: 0 } }, "HED204 spec.ports.http"],
  ["a bad port name", { address: "10.0.0.1", ports: { HTTP: 80 } }, "HED204 spec.ports.HTTP"],
  ["a negative weight", { address: "10.0.0.1", weight: -1 }, "HED113 spec.weight"],
  ["a bad label", { address: "10.0.0.1", labels: { app: "a b" } }, "HED210 spec.labels.app"],
  ["a long address", { address: `${"a.".repeat(128)}a` }, "HED113 spec.address"],
])("refuses %s", (_why, spec, expected) => {
  const { objects, problems } = check(spec);
  expect(told(problems)).toContain(expected);
  expect(objects).toEqual([]);
});

const checked = { "proxy.istio.io/health-checks-enabled": "true" };
const condition = (status: string) => ({
  conditions: [
    { type: "Other", status: "True" },
    { type: "Healthy", status },
  ],
});

it.each([
  ["nobody asks how it is", {}, condition("False"), undefined],
  ["it is well", checked, condition("True"), true],
  ["it is not", checked, condition("False"), false],
  ["nothing is known yet", checked, undefined, false],
  ["the status is nonsense", checked, { conditions: [null, 1, "Healthy"] }, false],
  ["the annotation says no", { "proxy.istio.io/health-checks-enabled": "false" }, condition("False"), undefined],
])(
  "tells by annotation and condition whether a workload may get requests: %s",
  (_why, annotations, status, healthy) => {
    const entry = {
      apiVersion: "networking.istio.io/v1",
      kind: "WorkloadEntry",
      metadata: { name: "vm", annotations },
    };
    const { objects } = parseDocuments(stringify({ ...entry, spec: { address: "10.0.0.1" }, status }), "it.yaml");
    expect(objects[0]?.spec).toMatchObject({ address: "10.0.0.1" });
    expect((objects[0]?.spec as { healthy?: boolean }).healthy).toBe(healthy);
  },
);

it("keeps what is wrong with a workload", () => {
  const entry = { apiVersion: "networking.istio.io/v1", kind: "WorkloadEntry", spec: { address: "10.0.0.1" } };
  const conditions = [{ type: "Healthy", status: "False", message: "no connection" }];
  const text = stringify({ ...entry, metadata: { name: "vm", annotations: checked }, status: { conditions } });
  expect(parseDocuments(text, "it.yaml").objects[0]?.spec).toMatchObject({ healthy: false, unwell: "no connection" });
});
