import type { XdsType } from "../envoy/index.ts";
import { Session } from "./session.ts";
import { ModelClient, modelTypes } from "./testdata/model-client.ts";
import { ModelMesh } from "./testdata/model-mesh.ts";
import { Random } from "./testdata/random.ts";
import { resource } from "./testdata/resources.ts";
import type { Protocol } from "./request.ts";

const graces = { warmingMs: 5_000, removalMs: 10_000, drainMs: 30_000 };

/** A mesh that changes, a session and a client, and messages on their way between them; what happens next is left to chance. */
class World {
  readonly #random: Random;
  readonly #mesh: ModelMesh;
  readonly #client: ModelClient;
  readonly #protocol: Protocol;
  readonly #badPercent: number;
  #session: Session;
  #responses: Uint8Array[] = [];
  #inFlight = new Set<XdsType>();
  #sequence = 0;
  #streams = 0;
  #now = 1_000_000;

  constructor(protocol: Protocol, seed: number, badPercent: number) {
    this.#random = new Random(seed);
    this.#protocol = protocol;
    this.#badPercent = badPercent;
    this.#mesh = new ModelMesh(this.#random, protocol === "delta");
    this.#client = new ModelClient(protocol, this.#random, (type, name, text) => this.#mesh.isBad(type, name, text));
    this.#session = this.#connect();
  }

  run(steps: number): void {
    for (let n = 0; n < steps; n++) this.#step();
    this.#rest();
    if (this.#mesh.bad.size > 0) {
      this.#mesh.repair();
      this.#publish();
      this.#rest();
    }
    this.#verify();
  }

  /** Lets everything be said, with and without the end of what waits for a time. */
  #rest(): void {
    for (let n = 0; n < 3; n++) {
      this.#settle();
      this.#now += 60_000;
    }
    this.#settle();
  }

  #connect(): Session {
    this.#streams += 1;
    const session = new Session(this.#protocol, `${this.#streams}.`, graces);
    this.#session = session;
    this.#inFlight.clear();
    this.#responses = [];
    this.#publish();
    return session;
  }

  #publish(): void {
    this.#sequence += 1;
    this.#session.publish(this.#mesh.resources(), this.#sequence);
  }

  #step(): void {
    const dice = this.#random.int(20);
    if (dice < 2) {
      this.#mesh.change(this.#badPercent);
      this.#publish();
    } else if (dice < 8) this.#pump();
    else if (dice < 13) this.#toServer();
    else if (dice < 18) this.#toClient();
    else if (dice === 18) this.#client.babble();
    else if (this.#random.chance(15)) {
      this.#connect();
      this.#client.reconnect();
    }
  }

  #pump(): boolean {
    const outgoing = this.#session.next(this.#now);
    if (!outgoing) return false;
    const { type, message } = outgoing;
    if (this.#inFlight.has(type)) throw new Error(`a second response of ${type} before the first was acknowledged`);
    this.#inFlight.add(type);
    this.#responses.push(Buffer.concat(message.parts, message.bytes));
    return true;
  }

  #toServer(): boolean {
    const request = this.#client.requests.shift();
    if (!request) return false;
    const before = this.#session.states.get(request.type)?.flight;
    this.#session.receive(request, this.#now);
    if (before && !this.#session.states.get(request.type)?.flight) this.#inFlight.delete(request.type);
    return true;
  }

  #toClient(): boolean {
    const response = this.#responses.shift();
    if (response) this.#client.receive(response);
    return response !== undefined;
  }

  #settle(): void {
    for (let n = 0; this.#toClient() || this.#toServer() || this.#pump(); n++) {
      if (n > 5_000) throw new Error("it never comes to rest");
    }
  }

  #verify(): void {
    const { shared, own } = this.#mesh.resources();
    for (const type of modelTypes) {
      const wanted = [...shared[type].values(), ...own[type].values()].map(({ name }) => name).sort();
      const held = [...this.#client.held[type].entries()];
      expect([type, held.map(([name]) => name).sort()]).toEqual([type, wanted]);
      for (const [name, { text }] of held) {
        const version = (own[type].get(name) ?? shared[type].get(name))?.version;
        expect([type, name, resource(type, name, text).version]).toEqual([type, name, version]);
      }
    }
    expect([...this.#client.cold]).toEqual([]);
    expect(this.#session.settle()).toBe("live");
    expect(this.#session.next(this.#now)).toBeUndefined();
  }
}

const runs = Number(process.env["XDS_MODEL_RUNS"] ?? 500);

function play(protocol: Protocol, seed: number, badPercent: number): void {
  try {
    new World(protocol, seed, badPercent).run(90);
  } catch (error) {
    throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

it.each(["delta", "sotw"] as const)(
  "keeps the rules of %s whatever the order of events, and ends with the mesh",
  (protocol) => {
    for (let seed = 1; seed <= runs; seed++) play(protocol, seed, 0);
  },
);

it.each(["delta", "sotw"] as const)("delivers all the rest to a %s client that refuses some of it", (protocol) => {
  for (let seed = 1; seed <= runs; seed++) play(protocol, seed, 40);
});
