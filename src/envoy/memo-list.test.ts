import { memoList } from "./memo-list.ts";

describe("memoList", () => {
  const [a, b] = [{}, {}];

  it("builds once for the same objects in the same order, and again for any other list", () => {
    const builds: (readonly object[])[] = [];
    const build = memoList((inputs: readonly object[]) => builds.push(inputs));
    expect(build([a, b])).toBe(build([a, b]));
    expect(builds).toHaveLength(1);
    for (const other of [[b, a], [a], [], [a, b, a], [a, {}]]) build(other);
    expect(builds).toHaveLength(6);
  });

  it("keeps a result that is undefined", () => {
    let builds = 0;
    const build = memoList((_: readonly object[]) => void (builds += 1));
    build([a]);
    build([a]);
    expect(builds).toBe(1);
  });
});
