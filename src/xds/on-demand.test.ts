import { DeltaDiscoveryResponse } from "../../generated/envoy/service/discovery/v3/discovery.ts";
import type { OnDemandClusters, ProxyResources, XdsType } from "../envoy/index.ts";
import { nameSet } from "./name-set.ts";
import { Session } from "./session.ts";
import { proxyResources, type Texts } from "./testdata/resources.ts";
import { sessionRequest, type RequestFields } from "./testdata/session-request.ts";

const cart = (subset: string) => `outbound|80|${subset}|cart`;
const clusters = {
  Passthrough: "1",
  "outbound|80||tcp": "1",
  "outbound|80||a": "1",
  "outbound|80||b": "1",
  [cart("v1")]: "1",
  [cart("v2")]: "1",
};
const rules: OnDemandClusters = {
  eager: new Set(["Passthrough", "outbound|80||tcp"]),
  companionsOf: (name) => (name.endsWith("|cart") ? [cart("v1"), cart("v2")] : []),
};

/** A client of one session that takes everything. Responses are told as `type +added -removed`. */
class Client {
  readonly session: Session;
  readonly held = new Map<string, string>();
  #resources: ProxyResources | undefined;
  #sequence = 0;

  constructor(texts: Texts = { cds: clusters }, onDemand: OnDemandClusters | null = rules, pins: string[] = []) {
    this.session = new Session("delta", "1.", { warmingMs: 5_000, removalMs: 10_000, drainMs: 30_000 }, nameSet(pins));
    this.publish(texts, onDemand);
  }

  publish(texts: Texts, onDemand: OnDemandClusters | null = rules): void {
    this.#resources = proxyResources(texts, {}, this.#resources);
    this.#sequence += 1;
    this.session.publish({ ...this.#resources, ...(onDemand && { onDemand }) }, this.#sequence);
  }

  ask(type: XdsType, add: string[] = [], versions = new Map<string, string>(), drop: string[] = []): string[] {
    this.#say(type, { add, versions, drop });
    return this.rest();
  }

  rest(): string[] {
    const told: string[] = [];
    for (let outgoing; (outgoing = this.session.next(0));) {
      const { type, message } = outgoing;
      const { resources, removedResources, nonce } = DeltaDiscoveryResponse.decode(Buffer.concat(message.parts));
      for (const { name, version } of resources) if (type === "cds") this.held.set(name, version);
      for (const name of removedResources) if (type === "cds") this.held.delete(name);
      told.push(
        [type, ...resources.map(({ name }) => `+${name}`).sort(), ...removedResources.map((name) => `-${name}`)].join(
          " ",
        ),
      );
      this.#say(type, { nonce });
    }
    return told;
  }

  #say(type: XdsType, fields: RequestFields): void {
    this.session.receive(sessionRequest(type, fields), 0);
  }
}

it("gives with the wildcard what cannot be asked for, and the rest by name", () => {
  const client = new Client();
  expect(client.ask("cds")).toEqual(["cds +Passthrough +outbound|80||tcp"]);
  expect(client.ask("cds", ["outbound|80||a"])).toEqual(["cds +outbound|80||a"]);
  expect(client.session.settle()).toBe("live");
});

it("gives with a cluster those that are routed to beside it", () => {
  const client = new Client();
  client.ask("cds");
  expect(client.ask("cds", [cart("v1")])).toEqual([`cds +${cart("v1")} +${cart("v2")}`]);
});

it("sends changes of clusters that the client has, and of no other", () => {
  const client = new Client();
  client.ask("cds");
  client.ask("cds", [cart("v1")]);
  client.publish({ cds: { ...clusters, "outbound|80||a": "2", [cart("v2")]: "2", "outbound|80||new": "1" } });
  expect(client.rest()).toEqual([`cds +${cart("v2")}`]);
});

it("sends what has become needed without being asked for, before what needs it", () => {
  const listener = { lds: { l: "1" } };
  const client = new Client({ cds: clusters, ...listener });
  client.ask("cds");
  client.ask("lds");
  const eager = new Set([...rules.eager, "outbound|80||b"]);
  client.publish({ cds: clusters, lds: { l: "2" } }, { ...rules, eager });
  expect(client.rest()).toEqual(["cds +outbound|80||b", "lds +l"]);
  client.publish({ cds: clusters, lds: { l: "2" } });
  expect(client.rest()).toEqual([]); // it stays
  client.publish({ cds: { ...clusters, "outbound|80||b": "2" }, lds: { l: "2" } });
  expect(client.rest()).toEqual(["cds +outbound|80||b"]);
});

it("answers a cluster that does not exist with one without endpoints, and sends the real one when it is there", () => {
  const client = new Client();
  client.ask("cds");
  expect(client.ask("cds", ["outbound|80||ghost"])).toEqual(["cds +outbound|80||ghost"]);
  client.publish({ cds: { ...clusters, "outbound|80||ghost": "1" } });
  expect(client.rest()).toEqual(["cds +outbound|80||ghost"]);
  expect(client.session.settle()).toBe("live");
});

it("puts a stand-in where a cluster was that is gone, once nothing refers to it any more", () => {
  const { "outbound|80||a": _, ...without } = clusters;
  const client = new Client({ cds: clusters, rds: { "80": "a" } });
  client.ask("cds");
  client.ask("rds", ["80"]);
  client.ask("cds", ["outbound|80||a"]);
  client.publish({ cds: without, rds: { "80": "b" } });
  expect(client.rest()).toEqual(["rds +80", "cds -outbound|80||a", "cds +outbound|80||a"]);
  client.publish({ cds: clusters, rds: { "80": "b" } });
  expect(client.rest()).toEqual(["cds +outbound|80||a"]);
});

it("says nothing to a client that comes back with all it had, and goes on with what changes", () => {
  const first = new Client();
  first.ask("cds");
  first.ask("cds", [cart("v1")]);
  first.ask("cds", ["outbound|80||ghost"]);
  const again = new Client();
  expect(again.ask("cds", ["*", cart("v1"), "outbound|80||ghost"], first.held)).toEqual([]);
  expect(again.session.settle()).toBe("live");
  again.publish({ cds: { ...clusters, [cart("v1")]: "2", [cart("v2")]: "2", "outbound|80||b": "2" } });
  expect(again.rest()).toEqual([`cds +${cart("v1")} +${cart("v2")}`]);
});

it("brings a client that comes back what it missed: changes, companions, and the end of what is gone", () => {
  const first = new Client();
  first.ask("cds");
  first.ask("cds", ["outbound|80||a"]);
  first.held.set("outbound|80||gone", "1");
  first.held.set(cart("v1"), "old");
  const again = new Client();
  expect(again.ask("cds", ["*", "outbound|80||a", cart("v1")], first.held)).toEqual([
    `cds +${cart("v1")} +${cart("v2")}`,
    "cds -outbound|80||gone",
  ]);
});

it("gives a client that has nothing yet what its like have asked for", () => {
  const client = new Client({ cds: clusters }, rules, [cart("v1"), "outbound|80||nowhere"]);
  expect(client.ask("cds")).toEqual([`cds +Passthrough +${cart("v1")} +${cart("v2")} +outbound|80||tcp`]);
  expect([...client.session.askedClusters]).toEqual([]);
});

it("keeps what a client gives up: Envoy may go on using it", () => {
  const client = new Client();
  client.ask("cds");
  client.ask("cds", ["outbound|80||a"]);
  client.ask("cds", [], new Map(), ["outbound|80||a"]);
  client.publish({ cds: { ...clusters, "outbound|80||a": "2" } });
  expect(client.rest()).toEqual(["cds +outbound|80||a"]);
});

it("takes nothing from a client that had everything, and gives everything to one that had not", () => {
  const client = new Client({ cds: clusters }, null);
  client.ask("cds");
  client.publish({ cds: { ...clusters, "outbound|80||new": "1" } });
  expect(client.rest()).toEqual([]);
  client.publish({ cds: { ...clusters, "outbound|80||a": "2", "outbound|80||new": "1" } });
  expect(client.rest()).toEqual(["cds +outbound|80||a"]);
  client.publish({ cds: { ...clusters, "outbound|80||a": "2", "outbound|80||new": "1" } }, null);
  expect(client.rest()).toEqual(["cds +outbound|80||new"]);
  expect(client.session.settle()).toBe("live");
});

it("gives clients that have asked for the same the same bytes", () => {
  const resources = proxyResources({ cds: clusters });
  const parts = ["1.", "2."].map((prefix) => {
    const session = new Session("delta", prefix, { warmingMs: 0, removalMs: 0, drainMs: 0 });
    session.publish({ ...resources, onDemand: rules }, 1);
    session.receive(sessionRequest("cds", {}), 0);
    return session.next(0)?.message.parts[1];
  });
  expect(parts[0]).toBe(parts[1]);
});
