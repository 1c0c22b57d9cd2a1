import { Option } from "commander";
import { stringify } from "yaml";

export type OutputFormat = "text" | "json" | "yaml";

/** `--output text|json|yaml`, the same for every command that shows something. */
export function outputOption(): Option {
  return new Option("-o, --output <format>", "how to print").choices(["text", "json", "yaml"]).default("text");
}

/** Prints a value for a program, or `text` for a person. */
export function print(format: OutputFormat, value: unknown, text: () => string): void {
  if (format === "json") write(JSON.stringify(value, null, 2));
  else if (format === "yaml") write(stringify(value, { aliasDuplicateObjects: false, lineWidth: 0 }).trimEnd());
  else write(text());
}

function write(text: string): void {
  process.stdout.write(text === "" || text.endsWith("\n") ? text : `${text}\n`);
}

/** Rows with their columns aligned, a header first; cells never contain a line break. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  return all
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
