import { Command } from "commander";
import { formatProblem, type Problem } from "../../lib/index.ts";
import { outputOption, print, type OutputFormat } from "../output.ts";
import { readMesh } from "../read-mesh.ts";

/** `heddle check`: every problem of the input, with its line. Exit status 1 where one is an error. */
export function checkCommand(): Command {
  return new Command("check")
    .description("find the problems of a directory of YAML before it is applied")
    .requiredOption("-f, --files <path>", "directory or file")
    .addOption(outputOption())
    .action(async (options: { files: string; output: OutputFormat }) => {
      const { objects, problems } = await readMesh(options.files);
      print(options.output, problems.map(flat), () => textOf(problems, objects.length));
      if (problems.some((problem) => problem.level === "error")) process.exitCode = 1;
    });
}

function flat({ position, ...problem }: Problem): object {
  return { ...problem, ...position };
}

function textOf(problems: readonly Problem[], objects: number): string {
  const count = (level: string): number => problems.filter((problem) => problem.level === level).length;
  const summary = `${objects} objects read: ${count("error")} errors, ${count("warning")} warnings`;
  return [...problems.map(formatProblem), summary].join("\n");
}
