import { durationFrom } from "./duration.ts";

describe("durationFrom", () => {
  it.each([
    ["10s", 10, 0],
    ["0s", 0, 0],
    ["0", 0, 0],
    ["1h30m", 5400, 0],
    ["1.5s", 1, 500_000_000],
    [".5s", 0, 500_000_000],
    ["25ms", 0, 25_000_000],
    ["1us", 0, 1_000],
    ["0.1s", 0, 100_000_000],
    ["1m0.000000001s", 60, 1],
  ])("reads %s", (text, seconds, nanos) => {
    expect(durationFrom(text)).toEqual({ seconds, nanos });
  });

  it.each(["", "soon", "1", "-1s", "1x", "s", "1s!", "9".repeat(40) + "h", "9".repeat(100_000)])(
    "takes %.10s for 0s",
    (text) => {
      expect(durationFrom(text)).toEqual({ seconds: 0, nanos: 0 });
    },
  );
});
