import { Lexer } from "yaml";

/** Nobody writes policy this deep; far below what the parser can bear. */
export const maxDepth = 100;

const closers = new Set(["]", "}"]);
const openers = new Set(["[", "{"]);
/** Tokens that stand for no character: start of a document, end of a broken flow, "a scalar follows". */
const marks = new Set(["\u0002", "\u0018", "\u001f"]);

/**
 * True when collections nest deeper than `maxDepth`. It reads the parser's own tokens, so it knows quotes, comments and block
 * scalars exactly as the parser will, and stops at the first token too deep: deep nesting can abort the whole process inside the
 * parser, where no catch sees it (FAULTS F26).
 */
export function isTooDeep(text: string): boolean {
  if (mayNest(text) <= maxDepth) return false;
  const indents: number[] = [];
  let flow = 0;
  let column = 0;
  let atLineStart = true;
  for (const token of new Lexer().lex(text)) {
    if (marks.has(token)) continue;
    if (openers.has(token)) flow++;
    else if (closers.has(token)) flow = Math.max(0, flow - 1);
    const indicator = token === "-" || token === "?";
    if (flow === 0 && token.trim() !== "" && (atLineStart || indicator)) {
      while ((indents.at(-1) ?? -1) >= column) indents.pop();
      indents.push(column);
      atLineStart = indicator;
    }
    if (flow + indents.length > maxDepth) return true;
    const newline = token.lastIndexOf("\n");
    column = newline === -1 ? column + token.length : token.length - newline - 1;
    if (newline !== -1) atLineStart = true;
  }
  return false;
}

/** An upper bound of the depth that costs one pass over the characters, so that ordinary files are not read twice by the lexer. */
function mayNest(text: string): number {
  let brackets = 0;
  let widest = 0;
  let indicators = 0;
  let indent = 0;
  let leading = true;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === 10) {
      widest = Math.max(widest, indicators + indent);
      indicators = indent = 0;
      leading = true;
    } else if (char === 91 || char === 123) brackets++;
    else if (char === 45 || char === 63) indicators++;
    if (leading && char === 32) indent++;
    else if (char !== 10) leading = false;
  }
  return brackets + Math.max(widest, indicators + indent);
}
