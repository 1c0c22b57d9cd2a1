import { DeltaDiscoveryResponse } from "../../generated/envoy/service/discovery/v3/discovery.ts";
import type { ProxyResources, XdsType } from "../envoy/index.ts";
import { Session } from "./session.ts";
import { proxyResources } from "./testdata/resources.ts";
import { sessionRequest, type RequestFields } from "./testdata/session-request.ts";

const drainMs = 60_000;
const graces = { warmingMs: 5_000, removalMs: 10_000, drainMs };
const port = "inbound|8080||";

/** A workload with these inbound clusters that takes all it is sent. Removals are told, and additions of clusters. */
class Workload {
  session = new Session("delta", "1.", graces);
  #resources: ProxyResources | undefined;
  #sequence = 0;
  #now = 1_000;

  serve(inbound: readonly string[], outbound: readonly string[] = []): void {
    const texts = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, "1"]));
    const own = { cds: texts(inbound), lds: { virtualInbound: inbound.join() } };
    this.#resources = proxyResources({ cds: texts(outbound) }, own, this.#resources);
    this.#sequence += 1;
    this.session.publish(this.#resources, this.#sequence);
  }

  join(versions: ReadonlyMap<string, string> = new Map()): string[] {
    this.#say("cds", { add: ["*"], versions });
    this.#say("lds", { add: ["*"] });
    return this.after(0);
  }

  /** What it is told so many milliseconds later. */
  after(ms: number): string[] {
    this.#now += ms;
    const told: string[] = [];
    for (let outgoing; (outgoing = this.session.next(this.#now));) {
      const { type, message } = outgoing;
      const { resources, removedResources, nonce } = DeltaDiscoveryResponse.decode(Buffer.concat(message.parts));
      if (type === "cds") told.push(...resources.map(({ name }) => `+${name}`));
      told.push(...removedResources.map((name) => `-${name}`));
      this.#say(type, { nonce });
    }
    return told;
  }

  /** A new stream, to the same publication. */
  reconnect(versions: ReadonlyMap<string, string>): string[] {
    this.session = new Session("delta", "2.", graces);
    if (this.#resources) this.session.publish(this.#resources, this.#sequence);
    return this.join(versions);
  }

  #say(type: XdsType, fields: RequestFields): void {
    this.session.receive(sessionRequest(type, fields), this.#now);
  }
}

function workload(inbound: readonly string[], outbound: readonly string[] = []): Workload {
  const made = new Workload();
  made.serve(inbound, outbound);
  made.join();
  return made;
}

it("an inbound cluster outlives its listener by the drain time; the proxy counts as live meanwhile", () => {
  const app = workload([port, "inbound|9000||"]);
  app.serve(["inbound|9000||"]);
  expect(app.after(0)).toEqual([]);
  expect(app.session.settle()).toBe("live");
  expect(app.after(drainMs - 1)).toEqual([]);
  expect(app.session.wakeAt).toBe(1_000 + drainMs);
  expect(app.after(1)).toEqual([`-${port}`]);
  expect(app.session.settle()).toBe("live");
  expect(app.session.wakeAt).toBeUndefined();
});

it("outbound clusters do not wait", () => {
  const app = workload([port], ["outbound|80||a"]);
  app.serve([]);
  expect(app.after(0)).toEqual(["-outbound|80||a"]);
});

it("a port that comes back while its old connections drain is not sent again; it drains anew when it goes again", () => {
  const app = workload([port]);
  app.serve([]);
  expect(app.after(0)).toEqual([]);
  app.serve([port]);
  expect(app.after(drainMs - 1)).toEqual([]);
  app.serve([]);
  expect(app.after(1)).toEqual([]);
  expect(app.after(drainMs)).toEqual([`-${port}`]);
});

it("a proxy that comes back with a cluster of a port that is gone keeps it for the drain time", () => {
  const app = workload([]);
  expect(app.reconnect(new Map([[port, "old"]]))).toEqual([]);
  expect(app.after(drainMs)).toEqual([`-${port}`]);
});
