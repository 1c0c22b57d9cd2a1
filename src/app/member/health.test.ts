import { Health } from "./health.ts";

/** `+` is a good answer, `-` a bad one; the verdicts, `.` where nothing is new. */
function verdicts(answers: string, successThreshold = 1, failureThreshold = 1): string {
  const health = new Health({ successThreshold, failureThreshold });
  return [...answers]
    .map((answer) => ({ true: "+", false: "-", undefined: "." })[`${health.onAnswer(answer === "+")}`])
    .join("");
}

it.each([
  ["+++", 1, 1, "+.."],
  ["---", 1, 1, "-.."],
  ["+-+-", 1, 1, "+-+-"],
  ["+++++", 3, 1, "..+.."],
  ["++-+++", 3, 3, ".....+"],
  ["+--+---", 1, 3, "+.....-"],
  ["+---++", 2, 3, "...-.+"],
])("%s with %i and %i in a row is %s", (answers, success, failure, expected) => {
  expect(verdicts(answers, success, failure)).toBe(expected);
});
