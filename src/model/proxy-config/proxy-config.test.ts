import { parseSpec, told } from "../test-support.ts";

const check = (spec: unknown) => parseSpec("ProxyConfig", spec, "networking.istio.io/v1beta1");

it("reads every field", () => {
  const spec = {
    selector: { matchLabels: { app: "a" } },
    concurrency: 0,
    environmentVariables: { ISTIO_META_DNS_CAPTURE: "true" },
    image: { imageType: "debug" },
  };
  const { objects, problems } = check(spec);
  expect(problems).toEqual([]);
  expect(JSON.parse(JSON.stringify(objects[0]?.spec))).toEqual(spec);
});

it.each([
  ["more threads than any machine has", { concurrency: 257 }, "spec.concurrency"],
  ["fewer than none", { concurrency: -1 }, "spec.concurrency"],
  ["what is no variable", { environmentVariables: { "A B": "1" } }, "spec.environmentVariables.A B"],
  ["what is no tag", { image: { imageType: "../x" } }, "spec.image.imageType"],
])("refuses %s", (_, spec, field) => {
  const { objects, problems } = check(spec);
  expect(objects).toEqual([]);
  expect(told(problems).join()).toContain(field);
});

it("warns that an image without a shell is not taken", () => {
  const { objects, problems } = check({ image: { imageType: "distroless" } });
  expect(objects).toHaveLength(1);
  expect(problems.map(({ level, field }) => [level, field])).toEqual([["warning", "spec.image.imageType"]]);
});
