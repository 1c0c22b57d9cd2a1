import { faultOfHost, isCidr, isIp, isLabel, isSubdomain, normalHost } from "./names.ts";

it.each(["10.0.0.1", "255.255.255.255", "::1", "fd00::1", "::ffff:10.0.0.1"])("%s is an IP address", (text) => {
  expect(isIp(text)).toBe(true);
});
it.each([
  "",
  "10.0.0",
  "10.0.0.256",
  "010.0.0.1",
  "10.0.0.1/8",
  "1",
  "0x7f000001",
  "fe80::1%eth0",
  "::g",
  "a",
  "1.2.3.4.5",
  ":",
  ":::",
])("%j is no IP address", (text) => {
  expect(isIp(text)).toBe(false);
});

it.each(["10.0.0.0/8", "0.0.0.0/0", "fd00::/128", "::/0"])("%s is a range", (text) => expect(isCidr(text)).toBe(true));
it.each(["10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/-1", "/8", "10.0.0.0/8/8", "10.0.0.1", "a/8", "10.0.0.0/1e1"])(
  "%j is no range",
  (text) => expect(isCidr(text)).toBe(false),
);

it.each(["a", "a.b", "reviews.prod.svc.cluster.local", "*", "*.a.com", "*-a.com", "xn--nxasmq6b.com", "a1.b2", "1a"])(
  "%s is a host, perhaps with a wildcard",
  (text) => {
    expect(faultOfHost(text, "with wildcard")).toBeUndefined();
  },
);
it.each([
  "",
  "a.*.b",
  "a*",
  "a.*",
  "**",
  "*.*",
  "*a*.b",
  "A.b",
  "a_b",
  "-a",
  "a-",
  "a..b",
  ".a",
  "a.",
  "a b",
  "a\0b",
  "a\nb",
  "../a",
  "a/b",
  "a:80",
  "é.com",
  "a.1",
  "a".repeat(64),
  `${"a.".repeat(128)}a`,
  "http://a",
])("%j is no host", (text) => {
  expect(faultOfHost(text, "with wildcard")).toBeDefined();
});
it("takes no wildcard where there is none to be", () => {
  expect(faultOfHost("*.a.com", "without wildcard")).toBeDefined();
});

it("brings names to one form", () => {
  expect(["A.B.", "a.", ".", "..", "A"].map(normalHost)).toEqual(["a.b", "a", ".", "..", "a"]);
});

it("knows labels and names", () => {
  expect([isLabel("a".repeat(63)), isLabel("a".repeat(64)), isLabel("a.b"), isLabel("")]).toEqual([
    true,
    false,
    false,
    false,
  ]);
  expect([isSubdomain("a.b"), isSubdomain(`${"a.".repeat(126)}ab`), isSubdomain("a..b")]).toEqual([true, false, false]);
});
