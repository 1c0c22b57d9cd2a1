/** One document of a file as it was written, from its `---` line on. */
export interface DocumentText {
  readonly text: string;
  /** Lines of the file before it. */
  readonly line: number;
  /** Characters of the file before it. */
  readonly offset: number;
}

const marker = /^(?:---|\.\.\.)(?=[ \t\r\n]|$)/gm;

/**
 * The documents of a multi-document YAML (or JSON) text, in order. `---` and `...` at the start of a line can be nothing but markers
 * (https://yaml.org/spec/1.2.2/#912-document-markers), so no parser is needed, and a broken document cannot hide the next one.
 * Documents with nothing but comments and directives are left out.
 */
export function splitDocuments(text: string): readonly DocumentText[] {
  const documents: DocumentText[] = [];
  let start = text.startsWith("\uFEFF") ? 1 : 0; // a byte order mark
  let line = 0;
  const cut = (end: number, skip: number): void => {
    const part = text.slice(start, end);
    if (!isBlank(part)) documents.push({ text: part, line, offset: start });
    const next = end + skip;
    line += countLines(text, start, next);
    start = next;
  };
  for (const match of text.matchAll(marker)) {
    const isEnd = match[0] === "...";
    if (isEnd || match.index > start) cut(match.index, isEnd ? 3 : 0);
  }
  cut(text.length, 0);
  return documents;
}

/** Line ends in a part of a text. */
export function countLines(text: string, from: number, to: number): number {
  let lines = 0;
  for (let at = text.indexOf("\n", from); at !== -1 && at < to; at = text.indexOf("\n", at + 1)) lines++;
  return lines;
}

/** True when only white space, comments, directives and a bare `---` are there. */
function isBlank(part: string): boolean {
  for (let at = 0; at < part.length;) {
    const end = part.indexOf("\n", at);
    const line = part.slice(at, end === -1 ? part.length : end).trim();
    if (line !== "" && !line.startsWith("#") && !line.startsWith("%") && !/^---\s*(#.*)?$/.test(line)) return false;
    at = end === -1 ? part.length : end + 1;
  }
  return true;
}
