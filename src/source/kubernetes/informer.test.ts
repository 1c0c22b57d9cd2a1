import { createLog } from "../../lib/index.ts";
import { heldClock } from "../../lib/testdata/clock.ts";
import { ApiError, type Api, type Call, type Line, type WatchEvent } from "./api.ts";
import { defaultTiming, Informer } from "./informer.ts";
import { Pace } from "./pace.ts";

const settle = async (): Promise<void> => {
  for (let i = 0; i < 5; i += 1) await new Promise((resolve) => setImmediate(resolve));
};
const resource = { kind: "Service", apiVersion: "v1", path: "/api/v1/services", hasStatus: false };
const pod = (resourceVersion: string): object => ({ metadata: { name: "it", resourceVersion } });

/** A watch that the server holds open until the test says how it goes on. */
interface OpenWatch {
  readonly version: string | undefined;
  readonly event: (type: string, object: object) => void;
  readonly end: (error?: Error) => void;
}

/** A server that answers as it is told, on a clock that stands still; `asked` has the time of each request. */
function open({ kinds = 1 } = {}) {
  const clock = heldClock();
  clock.advance(1_000_000); // zero is never
  const pace = new Pace(clock, 1000);
  const asked: { readonly at: number; readonly what: "list" | "watch" }[] = [];
  const watches: OpenWatch[] = [];
  const taken: string[] = [];
  const server: { error?: Error; version: string; endsAtOnce?: boolean; connection?: number; onWatch?: () => void } = {
    version: "10",
    connection: 1,
  };
  const line: Line = {
    get connection() {
      return server.connection;
    },
    get: () => {
      asked.push({ at: clock.now(), what: "list" });
      if (server.error) return Promise.reject(server.error);
      return Promise.resolve({ items: [pod(server.version)], metadata: { resourceVersion: server.version } });
    },
    watch: ({ query, signal }: Call, onEvent: (event: WatchEvent) => void, onOpen: () => void) => {
      asked.push({ at: clock.now(), what: "watch" });
      if (server.error) return Promise.reject(server.error);
      server.onWatch?.();
      try {
        onOpen();
      } catch (error) {
        return Promise.reject(error instanceof Error ? error : new Error(String(error)));
      }
      if (server.endsAtOnce) return new Promise((resolve) => setImmediate(resolve));
      return new Promise<void>((resolve, reject) => {
        const stop = (): void => reject(new ApiError(0, "aborted"));
        signal?.addEventListener("abort", stop, { once: true });
        watches.push({
          version: query?.["resourceVersion"],
          event: (type, object) => {
            try {
              onEvent({ type, object });
            } catch (error) {
              if (error instanceof Error) reject(error);
            }
          },
          end: (error) => (error ? reject(error) : resolve()),
        });
      });
    },
    close: () => undefined,
  };
  const nothing = (): Promise<never> => Promise.reject(new Error("nobody asks for this"));
  const api: Api = { get: nothing, send: nothing, openLine: () => line, close: () => undefined };
  const informers = Array.from({ length: kinds }, (_one, order) => {
    const sink = {
      replace: (items: readonly unknown[]) => void taken.push(`all ${items.length}`),
      upsert: () => void taken.push("upsert"),
      remove: () => void taken.push("remove"),
    };
    const locate = () => Promise.resolve(resource);
    const log = createLog("silent");
    return new Informer({ api, sink, pace, clock, log, order, locate, onStatus: () => undefined });
  });
  const advance = async (ms: number, step = 50): Promise<void> => {
    for (let moved = 0; moved < ms; moved += step) {
      clock.advance(step);
      await settle();
    }
  };
  const start = async (): Promise<void> => {
    for (const informer of informers) void informer.start();
    await settle();
  };
  const stop = (): Promise<unknown> => Promise.all(informers.map((informer) => informer.stop()));
  const [informer] = informers as [Informer];
  return { informer, server, asked, watches, taken, clock, advance, start, stop };
}

it("takes a watch up where bookmarks left it, without reading everything again", async () => {
  const { asked, watches, taken, advance, start, stop } = open();
  await start();
  expect(watches[0]?.version).toBe("10");
  watches[0]?.event("BOOKMARK", pod("25"));
  await advance(4_000);
  watches[0]?.end();
  await settle();
  expect(watches[1]?.version).toBe("25");
  expect(asked.map(({ what }) => what)).toEqual(["list", "watch", "watch"]);
  expect(taken).toEqual(["all 1"]); // a bookmark is no object
  await stop();
});

it("gives a watch up that lives on in silence, and reads everything again", async () => {
  const { informer, watches, asked, advance, start, stop } = open();
  await start();
  await advance(defaultTiming.silentMs - 1_000, 1_000);
  expect(asked).toHaveLength(2);
  expect(informer.status).toBe("synced");
  await advance(1_100, 100);
  expect(informer.status).toBe("stale");
  expect(informer.message).toBe("the watch was silent for 55 s");
  await advance(3_000);
  expect(asked.map(({ what }) => what)).toEqual(["list", "watch", "list", "watch"]);
  expect(watches[1]?.version).toBe("10");
  expect(informer.status).toBe("synced");
  await stop();
});

it("reads everything again, at once and in peace, when its version was compacted away (410)", async () => {
  const { informer, server, watches, asked, advance, start, stop } = open();
  await start();
  server.version = "90";
  watches[0]?.event("ERROR", { code: 410, message: "too old resource version" });
  await advance(2_500);
  expect(asked.map(({ what }) => what)).toEqual(["list", "watch", "list", "watch"]);
  expect(watches[1]?.version).toBe("90");
  expect(informer.status).toBe("synced");
  await stop();
});

it("believes a version only over the connection it came by, once that has broken (F38)", async () => {
  const { informer, watches, asked, taken, advance, start, stop } = open();
  await start();
  watches[0]?.end(new ApiError(0, "ECONNRESET"));
  await advance(3_000);
  expect(asked.map(({ what }) => what)).toEqual(["list", "watch", "list", "watch"]);
  expect(taken).toEqual(["all 1", "all 1"]);
  expect(informer.status).toBe("synced");
  await stop();
});

it("reads everything again when a watch that ended in peace goes on over another connection (F38)", async () => {
  const { server, watches, asked, advance, start, stop } = open();
  await start();
  await advance(4_000);
  server.connection = 2;
  watches[0]?.end();
  await advance(2_500);
  expect(asked.map(({ what }) => what)).toEqual(["list", "watch", "watch", "list", "watch"]);
  expect(watches).toHaveLength(2); // the one between was not listened to
  await stop();
});

it("reads everything again when the server was replaced between a list and its watch (F38)", async () => {
  const { server, watches, asked, advance, start, stop } = open();
  server.onWatch = () => {
    server.connection = 2; // the first one of them goes over another connection than its list
  };
  await start();
  expect(watches).toHaveLength(0);
  await advance(2_500);
  expect(asked.map(({ what }) => what)).toEqual(["list", "watch", "list", "watch"]);
  expect(watches).toHaveLength(1);
  await stop();
});

it("believes versions behind a proxy, where no connection tells anything", async () => {
  const { server, watches, asked, advance, start, stop } = open();
  delete server.connection;
  await start();
  await advance(4_000);
  watches[0]?.end();
  await settle();
  expect(asked.map(({ what }) => what)).toEqual(["list", "watch", "watch"]);
  await stop();
});

it("reads everything anew after ten minutes, between two watches: nothing that was missed lives longer", async () => {
  const { server, watches, asked, advance, start, stop } = open();
  await start();
  server.version = "99"; // of which no watch ever told
  const lists = (): number => asked.filter(({ what }) => what === "list").length;
  for (let minute = 0; minute < 11; minute += 1) {
    await advance(60_000, 5_000);
    watches.at(-1)?.end();
    await settle();
  }
  expect(lists()).toBeGreaterThanOrEqual(2);
  expect(watches.at(-1)?.version).toBe("99");
  await stop();
});

it("does not run against a server that ends each watch at once", async () => {
  const { server, asked, advance, start, stop } = open();
  server.endsAtOnce = true;
  await start();
  await advance(30_000);
  expect(asked.filter(({ what }) => what === "watch").length).toBeGreaterThan(2);
  expect(asked.length).toBeLessThanOrEqual(2 + 30);
  await stop();
});

it("asks for all kinds together once a second at most while the server is away, and never in step (F37)", async () => {
  const { informer, server, watches, asked, advance, start, stop } = open({ kinds: 12 });
  await start();
  server.error = new ApiError(0, "ECONNREFUSED");
  const from = asked.length;
  for (const watch of watches) watch.end(new ApiError(0, "ECONNRESET"));
  await advance(60_000);
  const times = asked.slice(from).map(({ at }) => at);
  expect(times.length).toBeGreaterThan(20); // it does go on asking
  // A request is seen at the end of the clock's step in which it is due.
  for (const [i, at] of times.entries()) if (i > 0) expect(at - (times[i - 1] ?? 0)).toBeGreaterThanOrEqual(950);
  expect(informer.status).toBe("stale");
  delete server.error;
  await advance(45_000);
  expect(informer.status).toBe("synced");
  await stop();
});

it("waits longer from failure to failure, never twice the same, up to a limit", async () => {
  const { server, asked, advance, start, stop } = open();
  server.error = new ApiError(503, "503 starting");
  await start();
  await advance(120_000, 10);
  const gaps = asked.slice(1).map(({ at }, i) => at - (asked[i]?.at ?? 0));
  expect(Math.max(...gaps)).toBeLessThanOrEqual(defaultTiming.maxBackoffMs + 1_000);
  expect(gaps[0]).toBeLessThan(2_100);
  const last = gaps.slice(5);
  expect(Math.min(...last)).toBeGreaterThanOrEqual(defaultTiming.maxBackoffMs / 2);
  expect(new Set(last).size).toBeGreaterThan(1);
  await stop();
});

it("holds its start back while it may not read, unless it is optional", async () => {
  const { informer, server, advance, stop } = open();
  server.error = new ApiError(403, "403 forbidden");
  let isUp = false;
  void informer.start().then(() => (isUp = true));
  await advance(5_000);
  expect([isUp, informer.status]).toEqual([false, "frozen"]);
  delete server.error;
  await advance(15_000);
  expect([isUp, informer.status]).toEqual([true, "synced"]);
  await stop();
});
