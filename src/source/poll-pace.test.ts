import { PollPace } from "./poll-pace.ts";

it("looks at a large tree after 300 times what a look takes, and ten times less often where the system tells of changes", () => {
  const pace = new PollPace(2000);
  expect(pace.restAfter(1)).toBe(2000);
  expect(pace.restAfter(12)).toBe(3600);
  pace.changed(true);
  expect(pace.restAfter(0.1)).toBe(2000);
  expect(pace.restAfter(12)).toBe(36_000);
  pace.changed(false);
  expect(pace.restAfter(12)).toBe(3600);
});

it("looks once a minute however well it is told, unless that is too dear", () => {
  const pace = new PollPace(2000);
  pace.changed(true);
  expect(pace.restAfter(30)).toBe(60_000);
  expect(pace.restAfter(300)).toBe(90_000);
});
