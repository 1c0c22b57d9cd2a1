import { endpointOf, serviceOf, setOf, viewOf, visibleOf } from "../cluster/test-support.ts";
import { counters } from "../resource.ts";
import { endpointAssignments } from "./index.ts";

const visible = (name: string) => visibleOf(undefined, serviceOf({ hostname: name }));
const services = ["a", "b", "c"].map(visible);
const sets = new Map(services.map((service, i) => [service, setOf(endpointOf(`10.0.0.${i}`))]));
const none = setOf();
const viewWith = (changed?: readonly [(typeof services)[number] | undefined, typeof none]) =>
  viewOf(services, {
    endpoints: (service) => (changed && service === changed[0] ? changed[1] : (sets.get(service) ?? none)),
  });

it("keeps the map while no endpoint changes, though snapshot and view are new", () => {
  const map = endpointAssignments(viewWith());
  const before = counters.encoded;
  expect(endpointAssignments(viewWith())).toBe(map);
  expect(counters.encoded).toBe(before);
});

it("makes one new resource for one changed service", () => {
  const map = endpointAssignments(viewWith());
  const before = counters.encoded;
  const next = endpointAssignments(viewWith([services[1], setOf(endpointOf("10.9.9.9"))]));
  expect(counters.encoded).toBe(before + 1);
  expect([...next.keys()].filter((name) => next.get(name) !== map.get(name))).toEqual(["outbound|80||b"]);
});

it("shares resources between scopes that see the same service", () => {
  const [a] = services;
  const map = endpointAssignments(viewWith());
  const narrow = endpointAssignments({ ...viewWith(), scope: viewOf(a ? [a] : []).scope });
  expect([...narrow.values()]).toEqual([map.get("outbound|80||a")]);
  expect(narrow.get("outbound|80||a")).toBe(map.get("outbound|80||a"));
});

it("writes the same bytes whenever it is asked", () => {
  const again = visible("a");
  const view = viewOf([again], { endpoints: setOf(endpointOf("10.0.0.0")) });
  expect(endpointAssignments(view).get("outbound|80||a")?.version).toBe(
    endpointAssignments(viewWith()).get("outbound|80||a")?.version,
  );
});
