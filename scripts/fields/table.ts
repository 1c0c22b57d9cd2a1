/** docs/fields.md: one row a field. */

/** What the table says of a field: shown by a golden (and by a test with traffic), or not supported for a reason. */
export interface Row {
  readonly field: string; // Kind.path
  readonly golden?: string;
  readonly traffic?: string;
  readonly why?: string;
}

const begin = "<!-- fields: written by `make fields-write`, checked by `make fields` -->";

/** Supported: what the field asks for is done, whatever its value. */
export function isSupported({ golden, why }: Row): boolean {
  return golden !== undefined && why === undefined;
}

/** The text of the table, behind the part of the page that people write. */
export function renderTable(page: string, kinds: ReadonlyMap<string, readonly Row[]>): string {
  const head = page.slice(0, page.indexOf(begin));
  const sections = [...kinds].map(([kind, rows]) => {
    const count = rows.filter(isSupported).length;
    const lines = rows.map(({ field, golden, traffic, why }) => {
      const cells = [
        `\`${field.slice(kind.length + 1)}\``,
        linked(golden, (name) => `../src/${name.startsWith("injection/") ? "node" : "envoy"}/testdata/${name}`),
      ];
      return `| ${[...cells, linked(traffic, (name) => `../e2e/${name}.test.ts`), why ?? ""].join(" | ")} |`;
    });
    const title = `## ${kind}: ${count} of ${rows.length}`;
    return [title, "", "| field | golden | traffic | not, or not all, because |", "|---|---|---|---|", ...lines].join(
      "\n",
    );
  });
  return `${head}${begin}\n\n${sections.join("\n\n")}\n`;
}

function linked(name: string | undefined, target: (name: string) => string): string {
  return name === undefined ? "" : `[${name}](${target(name)})`;
}

/** The rows of a page, by field; the same field twice is told as two. */
export function parseTable(page: string): readonly Row[] {
  const rows: Row[] = [];
  let kind = "";
  for (const line of page.slice(page.indexOf(begin)).split("\n")) {
    kind = /^## (\w+)/.exec(line)?.[1] ?? kind;
    const cells = line.split("|").map((cell) => cell.trim());
    const field = /^`(.+)`$/.exec(cells[1] ?? "")?.[1];
    if (field === undefined) continue;
    const golden = nameIn(cells[2]);
    const traffic = nameIn(cells[3]);
    const why = cells[4];
    rows.push({
      field: `${kind}.${field}`,
      ...(golden && { golden }),
      ...(traffic && { traffic }),
      ...(why && { why }),
    });
  }
  return rows;
}

function nameIn(cell: string | undefined): string | undefined {
  return /^\[(.+)\]\(/.exec(cell ?? "")?.[1];
}
