/** record.ts NAME VALUE: one figure of the set-up, a number, into out/kind.json. */
import { recordFigure } from "../../e2e-kind/harness/figures.ts";

const [name, value] = process.argv.slice(2);
if (name === undefined || value === undefined) throw new Error("usage: record.ts NAME VALUE");
await recordFigure(name, Number(value));
