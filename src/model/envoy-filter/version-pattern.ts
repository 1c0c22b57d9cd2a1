/** From positions in the text to the positions behind what was matched. Sets keep it polynomial, whatever the expression. */
type Step = (text: string, from: ReadonlySet<number>) => ReadonlySet<number>;

const maxVersion = 128;

/**
 * Whether a version has a part that the expression matches: what Istio asks of `proxy.proxyVersion`, in the part of RE2 that versions
 * need (text, `.`, classes, groups, `|`, `*`, `+`, `?`, `{n,m}`, `^`, `$`). Undefined for an expression with anything else in it. It
 * is walked here and never compiled by JavaScript, where thirty characters can block for seconds; the caller bounds its length.
 * https://istio.io/latest/docs/reference/config/networking/envoy-filter/#EnvoyFilter-ProxyMatch
 */
export function versionPattern(expression: string): ((version: string) => boolean) | undefined {
  const parser = new Parser(expression);
  const step = parser.read();
  if (!step) return undefined;
  return (version) => {
    const text = version.slice(0, maxVersion);
    return step(text, new Set(Array.from({ length: text.length + 1 }, (_, at) => at))).size > 0;
  };
}

const digits = "0123456789";
const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const classes: Readonly<Record<string, string>> = { d: digits, w: `${letters}${digits}_`, s: " \t\n\r\f" };

class Parser {
  readonly #text: string;
  #at = 0;
  #failed = false;

  constructor(text: string) {
    this.#text = text;
  }

  read(): Step | undefined {
    const step = this.#alternatives();
    return this.#failed || this.#at < this.#text.length ? undefined : step;
  }

  #alternatives(): Step {
    const choices = [this.#sequence()];
    while (this.#take("|")) choices.push(this.#sequence());
    return (text, from) => union(choices.map((choice) => choice(text, from)));
  }

  #sequence(): Step {
    const steps: Step[] = [];
    while (this.#at < this.#text.length && !this.#failed && !"|)".includes(this.#next())) steps.push(this.#repeated());
    return (text, from) => steps.reduce((positions, step) => step(text, positions), from);
  }

  #repeated(): Step {
    const step = this.#atom();
    const [least, most] = this.#count();
    if (least === 1 && most === 1) return step;
    this.#take("?"); // lazy: it makes no difference to whether there is a match
    return (text, from) => repeat(step, text, from, least, most);
  }

  #count(): readonly [number, number] {
    if (this.#take("*")) return [0, Infinity];
    if (this.#take("+")) return [1, Infinity];
    if (this.#take("?")) return [0, 1];
    const counted = /^\{(\d{1,3})(,?)(\d{0,3})\}/.exec(this.#text.slice(this.#at, this.#at + 9));
    if (!counted) return [1, 1];
    const [whole, least = "", comma, most = ""] = counted;
    this.#at += whole.length;
    return [Number(least), most === "" ? (comma === "" ? Number(least) : Infinity) : Number(most)];
  }

  #atom(): Step {
    const char = this.#next();
    this.#at += 1;
    switch (char) {
      case "(":
        return this.#group();
      case "[":
        return this.#class();
      case "^":
        return (_, from) => new Set([...from].filter((at) => at === 0));
      case "$":
        return (text, from) => new Set([...from].filter((at) => at === text.length));
      case ".":
        return one(() => true);
      case "\\":
        return one(this.#escape());
      default:
        if ("*+?{".includes(char)) this.#failed = true;
        return one((other) => other === char);
    }
  }

  #group(): Step {
    if (this.#text.startsWith("?:", this.#at)) this.#at += 2;
    const step = this.#alternatives();
    if (!this.#take(")")) this.#failed = true;
    return step;
  }

  #escape(): (char: string) => boolean {
    const char = this.#next();
    this.#at += 1;
    const members = classes[char.toLowerCase()];
    if (members !== undefined) return (other) => members.includes(other) === (char === char.toLowerCase());
    if (char === "" || letters.includes(char) || digits.includes(char)) this.#failed = true;
    return (other) => other === char;
  }

  #class(): Step {
    const not = this.#take("^");
    const members: ((char: string) => boolean)[] = [];
    do {
      if (this.#at >= this.#text.length) this.#failed = true;
      const char = this.#next();
      this.#at += 1;
      if (char === "\\") members.push(this.#escape());
      else if (this.#next() === "-" && ![undefined, "]"].includes(this.#text[this.#at + 1])) {
        const last = this.#text[this.#at + 1] ?? "";
        if (last === "\\" || last < char) this.#failed = true;
        this.#at += 2;
        members.push((other) => other >= char && other <= last);
      } else members.push((other) => other === char);
    } while (!this.#failed && !this.#take("]"));
    return one((char) => members.some((is) => is(char)) !== not);
  }

  #next(): string {
    return this.#text[this.#at] ?? "";
  }

  #take(char: string): boolean {
    if (this.#next() !== char) return false;
    this.#at += 1;
    return true;
  }
}

function one(is: (char: string) => boolean): Step {
  return (text, from) => new Set([...from].filter((at) => is(text[at] ?? "") && at < text.length).map((at) => at + 1));
}

function repeat(step: Step, text: string, from: ReadonlySet<number>, least: number, most: number): ReadonlySet<number> {
  let front = from;
  for (let times = 0; times < least && front.size > 0; times++) front = step(text, front);
  const reached = new Set(front);
  for (let times = least; times < most && front.size > 0; times++) {
    front = new Set([...step(text, front)].filter((at) => !reached.has(at)));
    for (const at of front) reached.add(at);
  }
  return reached;
}

function union(sets: readonly ReadonlySet<number>[]): ReadonlySet<number> {
  return new Set(sets.flatMap((set) => [...set]));
}
