import { checkRegex } from "./regex.ts";
import { Place, Report } from "./report.ts";

function isRefused(regex: string): boolean {
  const report = new Report();
  checkRegex(regex, new Place(report));
  return report.failed;
}

it.each([
  ".*",
  "^/a/(b|c)/[0-9]+$",
  "(?i)abc",
  "(?:a)",
  "(?P<name>a)",
  "[]a]",
  "[^]a]",
  "[[:alpha:]]+",
  "\\(",
  "\\[",
  "a{2,3}",
  "\\d+\\.\\w*",
  "a\\*+",
  "[(]",
  "[a\\]b]",
  "\\Q(((\\E",
  "a??",
  "a+?",
  "(a+)+$",
  "|a",
  "\\\\+",
])("takes %s", (regex) => expect(isRefused(regex)).toBe(false));

it.each([
  "",
  "(",
  ")",
  "(a",
  "a)",
  "[a",
  "[",
  "a\\",
  "*a",
  "+",
  "?",
  "(*a)",
  "a|*",
  "(?=a)",
  "(?!a)",
  "(?<=a)b",
  "(?<!a)b",
  "(a)\\1",
  "a".repeat(1025),
  "[[:alpha:]",
])("refuses %j", (regex) => expect(isRefused(regex)).toBe(true));

it("looks at a megabyte without compiling it (F32)", () => {
  expect(isRefused("(a+)+$".repeat(200_000))).toBe(true);
});
