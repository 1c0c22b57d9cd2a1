import { parseDuration } from "./duration.ts";

it.each([
  ["10s", 10_000],
  ["1.5s", 1500],
  ["250ms", 250],
  ["1h30m", 5_400_000],
  ["0s", 0],
  ["0", 0],
  [".5s", 500],
  ["1.s", 1000],
  ["100us", 0.1],
  ["100µs", 0.1],
  ["1ns", 0.000001],
  ["-1s", -1000],
  ["+1s", 1000],
  ["2562047h", 2562047 * 3_600_000],
])("reads %s", (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds);
});

it.each([
  "",
  "5",
  "s",
  "5 s",
  "5S",
  "1e9h",
  "1d",
  "abc",
  "5s ",
  "s5",
  "--1s",
  ".s",
  "9999999999h",
  "1".repeat(100) + "s",
  "1h30",
])("takes %j for none", (text) => {
  expect(parseDuration(text)).toBeUndefined();
});
