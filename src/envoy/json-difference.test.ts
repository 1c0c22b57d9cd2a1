import { byShortPath, differences } from "./json-difference.ts";

const told = (base: object, value: object) =>
  Object.fromEntries(byShortPath(differences(base as never, value as never)).map(([end, { value: to }]) => [end, to]));

describe("differences", () => {
  it("finds none between equals", () => expect(differences({ a: [{ b: 1 }] }, { a: [{ b: 1 }] })).toEqual([]));

  it("goes as deep as it can, and names each place by the end of its path", () => {
    expect(told({ a: [{ b: 1, c: 2 }] }, { a: [{ b: 1, c: 3 }] })).toEqual({ c: 3 });
  });

  it("tells what is gone and what is new", () => {
    expect(told({ a: 1 }, { b: { c: 2 } })).toEqual({ a: undefined, b: { c: 2 } });
  });

  it("tells a list of another length, and messages of another type, as a whole", () => {
    expect(told({ a: [{ b: 1 }] }, { a: [{ b: 1 }, { b: 2 }] })).toEqual({ a: [{ b: 1 }, { b: 2 }] });
    const [x, y] = [
      { "@type": "X", same: 1, n: 1 },
      { "@type": "Y", same: 1, n: 2 },
    ];
    expect(told({ f: x }, { f: y })).toEqual({ f: y });
  });

  it("keeps two places with one end apart, the outer one by its plain name", () => {
    const of = (name: string) => ({ name, host: { name } });
    expect(told(of("x"), of("y"))).toEqual({ name: "y", "host.name": "y" });
  });

  it("tells deep places apart by where they begin", () => {
    const of = (n: number) => ({ list: [0, 1].map((i) => ({ a: { b: { c: { d: { e: n + i } } } } })) });
    expect(told(of(0), of(5))).toEqual({ "list.0…e": 5, "list.1…e": 6 });
  });
});
