import { nameSet } from "./name-set.ts";
import { subscribeDelta, subscribeSotw, unsubscribed, type Subscription } from "./subscription.ts";

const askSotw = (before: Subscription, names: string[]) => subscribeSotw(before, nameSet(names));
const askDelta = (before: Subscription, add: string[], drop: string[]) =>
  subscribeDelta(before, nameSet(add), nameSet(drop));
const view = ({ wildcard, names }: Subscription) => [...(wildcard ? ["*"] : []), ...names].join(" ") || "nothing";

// The examples of https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#how-the-client-specifies-what-resources-to-return
it("follows the four SotW examples of the specification", () => {
  const steps = [[], ["*", "A"], ["A"], []];
  let subscription = unsubscribed;
  const seen = steps.map((names) => view((subscription = askSotw(subscription, names).subscription)));
  expect(seen).toEqual(["*", "* A", "A", "nothing"]);
});

it("follows the four delta examples of the specification", () => {
  const steps: [string[], string[]][] = [
    [[], []],
    [["A"], []],
    [[], ["*"]],
    [[], ["A"]],
  ];
  let subscription = unsubscribed;
  const seen = steps.map(([add, drop]) => view((subscription = askDelta(subscription, add, drop).subscription)));
  expect(seen).toEqual(["*", "* A", "A", "nothing"]);
  expect(view(askDelta(subscription, [], []).subscription)).toBe("nothing"); // an acknowledgement is no wildcard
});

it("takes the wildcard back, and asks for all of it again", () => {
  const named = askDelta(unsubscribed, ["A"], []).subscription;
  expect(askDelta(named, ["*"], [])).toMatchObject({ all: true, subscription: { wildcard: true } });
  expect(askSotw(named, ["*", "A"])).toMatchObject({ all: true, subscription: { wildcard: true } });
});

it("does not take an unsubscribed wildcard back for an empty request", () => {
  const all = askDelta(unsubscribed, [], []).subscription;
  const none = askDelta(all, [], ["*"]).subscription;
  expect(view(none)).toBe("nothing");
  expect(view(askDelta(none, [], []).subscription)).toBe("nothing");
});

it("answers a name that is given up while the wildcard still covers it", () => {
  const { subscription } = askDelta(unsubscribed, ["*", "A"], []);
  expect([...askDelta(subscription, [], ["A"]).asked]).toEqual(["A"]);
  expect([...askDelta(subscription, [], ["B"]).asked]).toEqual([]);
});

it("answers a name that is asked for again", () => {
  const { subscription } = askDelta(unsubscribed, ["A"], []);
  expect([...askDelta(subscription, ["A"], []).asked]).toEqual(["A"]);
});

it("holds equal sets of names once, in whatever order they come", () => {
  const names = Array.from({ length: 2_000 }, (_, i) => `outbound|80||svc-${i}.default.svc.cluster.local`);
  expect(nameSet(names)).toBe(nameSet([...names].reverse()));
  const a = askDelta(unsubscribed, names, []).subscription;
  const b = askDelta(unsubscribed, [...names].reverse(), []).subscription;
  expect(a.names).toBe(b.names);
  expect(askDelta(a, ["new"], []).subscription.names).toBe(askDelta(b, ["new"], []).subscription.names);
});
