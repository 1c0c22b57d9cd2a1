import type { Problem } from "../../lib/index.ts";
import {
  fittingMessages,
  injectionMessages,
  meaningMessages,
  sourceMessages,
  writtenMessages,
} from "./heddle-messages.ts";
import { renderIstioCodes } from "./istio-codes.ts";
import { istioMessages } from "./istio-messages.ts";
import { levels, type Message } from "./message.ts";

/** Every kind of problem by what it is about, in the order of the page. */
const groups: readonly (readonly [title: string, messages: readonly Message[]])[] = [
  ["Istio's codes, where the meaning is the same", istioMessages],
  ["How an object is written", writtenMessages],
  ["What an object means by itself", meaningMessages],
  ["How objects fit together", fittingMessages],
  ["Where objects come from", sourceMessages],
  ["What is injected into pods", injectionMessages],
];

/** Every kind of problem there is, by groups in this order. */
export const messages: readonly Message[] = groups.flatMap(([, group]) => group);

const remedies = new Map(messages.map(({ code, remedy }) => [code, remedy]));

/** A problem that says what to do: what its own hint says, else what is to be done about its code. */
export function withRemedy(problem: Problem): Problem {
  const remedy = remedies.get(problem.code);
  if (problem.hint !== undefined || remedy === undefined) return problem;
  const [first = ""] = remedy.split(/\.(?: |$)/);
  const hint = `${first.slice(0, 1).toLowerCase()}${first.slice(1)}`;
  return { ...problem, hint };
}

/** `heddle check --list-codes`: a line each. */
export function renderMessages(): string {
  const rows = messages.map(({ code, levels: its, meaning, remedy }) => [code, its.join(", "), `${meaning} ${remedy}`]);
  const width = Math.max(...rows.map(([, its = ""]) => its.length));
  const lines = rows.map(([code = "", its = "", text = ""]) => `${code}  ${its.padEnd(width)}  ${text}`);
  return `${lines.join("\n")}\n`;
}

/** docs/messages.md. */
export function renderMessagePage(): string {
  const row = ({ code, levels: its, meaning, remedy }: Message) =>
    `- \`${code}\` (${its.join(", ")}): ${meaning} ${remedy}`;
  const says = Object.entries(levels).map(([level, meaning]) => `- **${level}**: ${meaning}`);
  const sections = groups.flatMap(([title, group]) => [`## ${title}`, "", ...group.map(row), ""]);
  return [
    "# Messages",
    "",
    "What `heddle check`, `heddle status`, `heddle apply` and the webhooks tell, by code; written by `make golden` from what",
    "`heddle check --list-codes` prints. The level of one of Istio's codes may differ from Istio's, since a level says this:",
    "",
    ...says,
    "",
    "`heddle check` looks at the pods that Deployments and their like will make too, in files, and at the time that certificates have left. What an",
    "object's annotation `galley.istio.io/analyze-suppress` names (codes, or `*`) it does not tell of that object, but for errors.",
    "",
    ...sections,
    ...renderIstioCodes(),
  ]
    .join("\n")
    .trimEnd()
    .concat("\n");
}
