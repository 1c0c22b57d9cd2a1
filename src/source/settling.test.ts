import { Settling } from "./settling.ts";

const now = 1_000_000;
const stat = (signature: string, modifiedAt = now) => ({ identity: "1", signature, size: 1, modifiedAt });

it("reads a renamed file when it has looked the same for a moment", () => {
  const settling = new Settling();
  expect(settling.isSettled("a", stat("1"), false, now)).toBe(false);
  expect(settling.isSettled("a", stat("1"), false, now + 14)).toBe(false);
  expect(settling.isSettled("a", stat("1"), false, now + 15)).toBe(true);
});

it("gives a file that is written in place more time, from its last change on (F24)", () => {
  const settling = new Settling();
  settling.isSettled("a", stat("1"), true, now);
  expect(settling.isSettled("a", stat("2"), true, now + 79)).toBe(false);
  expect(settling.isSettled("a", stat("2"), true, now + 158)).toBe(false);
  expect(settling.isSettled("a", stat("2"), true, now + 159)).toBe(true);
});

it("begins again with a file that changed while it was read", () => {
  const settling = new Settling();
  settling.isSettled("a", stat("1"), false, now);
  settling.startOver("a", now + 15);
  expect(settling.isSettled("a", stat("1"), false, now + 30)).toBe(false);
  expect(settling.isSettled("a", stat("1"), false, now + 45)).toBe(true);
});

it("reads an old file at once", () => {
  expect(new Settling().isSettled("a", stat("1", now - 2001), true, now)).toBe(true);
});

it("forgets deleted files when no other has gone for a while (F35)", () => {
  const settling = new Settling();
  const forgotten = (gone: string[], at: number) => [...settling.forgettable(new Set(gone), now + at)];
  expect(forgotten(["a"], 0)).toEqual([]);
  expect(forgotten(["a", "b"], 79)).toEqual([]);
  expect(forgotten(["a", "b"], 158)).toEqual([]);
  expect(settling.isPending).toBe(true);
  expect(forgotten(["a", "b"], 159)).toEqual(["a", "b"]);
  expect(settling.isPending).toBe(false);
});

it("forgets nothing while another file is being written: a new folder may be filling", () => {
  const settling = new Settling();
  settling.forgettable(new Set(["a"]), now);
  settling.isSettled("b", stat("1"), false, now);
  expect([...settling.forgettable(new Set(["a"]), now + 1000)]).toEqual([]);
  settling.done("b");
  expect([...settling.forgettable(new Set(["a"]), now + 1000)]).toEqual(["a"]);
});
