import { createLog, type Clock } from "../../lib/index.ts";
import { expiryOf, keepTokenFresh } from "./token-refresh.ts";

const log = createLog("silent");

function tokenUntil(seconds: number, text = ""): string {
  return `h.${Buffer.from(JSON.stringify({ exp: seconds, text })).toString("base64url")}.s`;
}

/** Time that stands still until it is told to pass. */
function heldClock(): Clock & { pass(ms: number): Promise<void>; timers(): number } {
  let now = 0;
  let timers: { at: number; run: () => void }[] = [];
  return {
    now: () => now,
    after: (ms, run) => {
      const timer = { at: now + ms, run };
      timers.push(timer);
      return () => (timers = timers.filter((other) => other !== timer));
    },
    timers: () => timers.length,
    pass: async (ms) => {
      now += ms;
      const due = timers.filter(({ at }) => at <= now);
      timers = timers.filter(({ at }) => at > now);
      for (const { run } of due) run();
      await new Promise((resolve) => setImmediate(resolve)); // let what they started end
    },
  };
}

describe("the token of a sidecar", () => {
  it("is replaced at half-life, again and again, until it is stopped", async () => {
    const clock = heldClock();
    const written: string[] = [];
    let life = 1000;
    const create = () => Promise.resolve(tokenUntil((life += 1000)));
    const write = (token: string) => Promise.resolve(void written.push(token));
    const stop = keepTokenFresh(tokenUntil(1000), create, write, { clock, log });
    await clock.pass(499_999);
    expect(written).toEqual([]);
    await clock.pass(1);
    expect(written).toEqual([tokenUntil(2000)]);
    await clock.pass(750_000);
    expect(written).toEqual([tokenUntil(2000), tokenUntil(3000)]);
    stop();
    expect(clock.timers()).toBe(0);
  });

  it("is asked for again soon when there is none, and stays in use meanwhile", async () => {
    const clock = heldClock();
    const written: string[] = [];
    let isUp = false;
    const create = () => (isUp ? Promise.resolve(tokenUntil(9000)) : Promise.reject(new Error("down")));
    keepTokenFresh(tokenUntil(1000), create, (token) => Promise.resolve(void written.push(token)), { clock, log });
    await clock.pass(500_000);
    isUp = true;
    await clock.pass(10_000);
    expect(written).toEqual([tokenUntil(9000)]);
  });

  it.each([
    "",
    "a.b.c",
    "not a token",
    `h.${Buffer.from("null").toString("base64url")}.s`,
    `h.${Buffer.from('{"exp":"x"}').toString("base64url")}.s`,
  ])("is left alone where it says no end: %j", (token) => {
    const clock = heldClock();
    expect(expiryOf(token)).toBeUndefined();
    keepTokenFresh(
      token,
      () => Promise.reject(new Error("never asked")),
      () => Promise.resolve(),
      { clock, log },
    );
    expect(clock.timers()).toBe(0);
  });
});
