import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { createLog } from "../lib/index.ts";
import { defaultLimits } from "./limits.ts";
import { XdsListener } from "./listener.ts";
import { noMetrics } from "./metrics.ts";
import { TestClock } from "./testdata/clock.ts";
import { until } from "./testdata/until.ts";

const clock = new TestClock();
let injected: Socket[];
let clients: Socket[];
let listener: XdsListener;
let port: number;

beforeEach(async () => {
  injected = [];
  clients = [];
  const limits = { ...defaultLimits, connectionsPerSecond: 100, connectionBurst: 3 };
  listener = new XdsListener((socket) => injected.push(socket), limits, noMetrics, clock, createLog("silent"));
  port = await listener.listen(["127.0.0.1"], 0);
});

afterEach(() => {
  for (const socket of [...clients, ...injected]) socket.destroy();
  listener.close();
});

async function connectAll(count: number): Promise<void> {
  clients = Array.from({ length: count }, () => connect(port, "127.0.0.1"));
  await Promise.all(clients.map((client) => once(client, "connect")));
  await until(() => listener.connections === count, "the connections to be taken");
}

it("begins only a few handshakes at once, then the others at a steady rate (F04)", async () => {
  await connectAll(20);
  expect(injected).toHaveLength(3);
  clock.advance(100);
  expect(injected).toHaveLength(13);
  clock.advance(1_000);
  expect(injected).toHaveLength(20);
});

it("catches nothing up when time was lost: as many at once as ever", async () => {
  await connectAll(3);
  clock.advance(60_000);
  clients.push(...Array.from({ length: 20 }, () => connect(port, "127.0.0.1")));
  await until(() => listener.connections === 23, "the connections to be taken");
  expect(injected).toHaveLength(6);
});

it("does not begin with one that is gone again", async () => {
  await connectAll(5);
  for (const client of clients.slice(3)) client.destroy();
  await until(() => listener.connections === 3, "two to be gone");
  clock.advance(1_000);
  expect(injected).toHaveLength(3);
});
