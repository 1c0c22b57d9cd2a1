import { clusterUnder, settings } from "./test-support.ts";

const optionsOf = (tcp: object, config: object = {}) =>
  clusterUnder({ connectionPool: { tcp } }, { settings: { ...settings, config } })["upstreamConnectionOptions"];

it("sends no probes unless asked to", () => {
  expect(optionsOf({})).toBeUndefined();
});

it("takes the rule's settings, else the mesh's, never a mixture", () => {
  const tcpKeepalive = { probes: 3, time: "10m", interval: "75s" };
  const message = { tcpKeepalive: { keepaliveProbes: 3, keepaliveTime: 600, keepaliveInterval: 75 } };
  expect(optionsOf({ tcpKeepalive })).toEqual(message);
  expect(optionsOf({}, { tcpKeepalive })).toEqual(message);
  expect(optionsOf({ tcpKeepalive: { probes: 5 } }, { tcpKeepalive })).toEqual({
    tcpKeepalive: { keepaliveProbes: 5 },
  });
});

it("turns it on with the system's values when it is empty", () => {
  expect(optionsOf({ tcpKeepalive: {} })).toEqual({ tcpKeepalive: {} });
});
