import type { HttpRoute } from "../../model/index.ts";
import { buildMatch, isCatchAll } from "./match.ts";
import { reviews, routesUnder, ruleTo } from "./test-support.ts";

describe("buildMatch", () => {
  it("takes every request where nothing is said", () => {
    expect(buildMatch(undefined).prefix).toBe("/");
    expect(buildMatch({}).prefix).toBe("/");
  });

  it("asks for presence where a value could be anything: Envoy refuses empty prefixes, and `*` is no expression", () => {
    const headers = {
      a: {},
      b: { exact: "" },
      c: { prefix: "" },
      d: { regex: "*" },
      e: { regex: ".*" },
      f: { regex: "" },
    };
    for (const header of buildMatch({ headers }).headers) expect(header.presentMatch).toBe(true);
    for (const parameter of buildMatch({ queryParams: headers }).queryParameters) {
      expect(parameter.presentMatch).toBe(true);
    }
  });

  it("looks for claims of a verified token where the filter leaves them", () => {
    const match = buildMatch({
      headers: { "@request.auth.claims.group.name": { exact: "admin" }, "x-a": { exact: "a" } },
      withoutHeaders: { "@request.auth.claims[a.b][c]": { prefix: "x" }, "@request.auth.claims.d": {} },
    });
    expect(match.headers).toHaveLength(1);
    const [group, any, nested] = match.dynamicMetadata;
    const admin = { stringMatch: { exact: "admin" } };
    expect(group).toMatchObject({
      filter: "envoy.filters.http.jwt_authn",
      path: [{ key: "payload" }, { key: "group" }, { key: "name" }],
      value: { orMatch: { valueMatchers: [admin, { listMatch: { oneOf: admin } }] } },
      invert: false,
    });
    expect(nested).toMatchObject({ path: [{ key: "payload" }, { key: "a.b" }, { key: "c" }], invert: true });
    expect(any).toMatchObject({
      path: [{ key: "payload" }, { key: "d" }],
      value: { presentMatch: true },
      invert: true,
    });
    expect(isCatchAll(match)).toBe(false);
  });

  it("lets a request pass that lacks a header it must not have with a value", () => {
    const [any, one] = buildMatch({ withoutHeaders: { a: {}, b: { exact: "x" } } }).headers;
    expect(any).toMatchObject({ presentMatch: true, invertMatch: true, treatMissingHeaderAsEmpty: false });
    expect(one).toMatchObject({ invertMatch: true, treatMissingHeaderAsEmpty: true });
  });

  it("does not depend on the order in which headers are written", () => {
    const [a, b] = [{ exact: "1" }, { exact: "2" }];
    expect(buildMatch({ headers: { a, b } })).toEqual(buildMatch({ headers: { b, a } }));
  });

  it("heeds ignoreUriCase for texts only", () => {
    expect(buildMatch({ uri: { exact: "/A" }, ignoreUriCase: true }).caseSensitive).toBe(false);
    expect(buildMatch({ uri: { regex: "/A" }, ignoreUriCase: true }).caseSensitive).toBeUndefined();
  });
});

describe("isCatchAll", () => {
  it.each([
    [{}, true],
    [{ uri: { prefix: "/" } }, true],
    [{ uri: { regex: ".*" } }, true],
    [{ uri: { prefix: "/a" } }, false],
    [{ uri: { exact: "/" } }, false],
    [{ headers: { a: {} } }, false],
    [{ withoutHeaders: { a: {} } }, false],
    [{ method: { exact: "GET" } }, false],
    [{ queryParams: { a: {} } }, false],
  ])("%j: %s", (match, expected) => {
    expect(isCatchAll(buildMatch(match))).toBe(expected);
  });
});

describe("the rules of a VirtualService", () => {
  const to = ruleTo(reviews.hostname);
  const names = (...rules: HttpRoute[]) => routesUnder(...rules).map(({ name }) => name);

  it("come in the order they are written, each match a route", () => {
    const match = [{ uri: { prefix: "/foo" } }, { uri: { prefix: "/foobar" }, name: "longer" }];
    expect(names({ ...to, name: "one", match }, { ...to, name: "two" })).toEqual(["one", "one.longer", "two"]);
  });

  it("end with the first that takes everything", () => {
    expect(names({ ...to, name: "all" }, { ...to, name: "never" })).toEqual(["all"]);
    const match = [{ uri: { prefix: "/a" } }, {}, { uri: { prefix: "/b" } }];
    expect(routesUnder({ ...to, match }, { ...to, name: "never" })).toHaveLength(2);
  });

  it("leave out matches of other ports", () => {
    expect(
      names({ ...to, name: "other", match: [{ port: 81 }] }, { ...to, name: "here", match: [{ port: 80 }] }),
    ).toEqual(["here"]);
  });
});
