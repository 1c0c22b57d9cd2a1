import { preferenceOf } from "./traffic-distribution.ts";

const annotated = (value: string) => ({ "networking.istio.io/traffic-distribution": value });

it.each([
  ["PreferClose", "zone"],
  ["PreferSameZone", "zone"],
  ["PreferSameNode", "node"],
])("%s of a spec is: the %s", (written, prefers) => {
  expect(preferenceOf({}, written)).toEqual({ prefers });
  expect(preferenceOf(annotated("PreferSameNode"), written)).toEqual({ prefers }); // the spec comes first
});

it("reads the annotation in any case of letters, a spec only as it is defined", () => {
  expect(preferenceOf(annotated("prefersamenode"))).toEqual({ prefers: "node" });
  expect(preferenceOf(annotated("PREFERCLOSE"))).toEqual({ prefers: "zone" });
  expect(preferenceOf({}, "preferclose")).toEqual({});
});

it("prefers nothing where nothing is said, or nothing known", () => {
  expect(preferenceOf({})).toEqual({});
  expect(preferenceOf(annotated("Nearby"), "Nearby")).toEqual({});
});
