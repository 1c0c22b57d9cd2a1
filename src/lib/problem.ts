/** What is wrong with something a user wrote: never thrown, always collected and shown. */

export type Level = "error" | "warning" | "info";

/** Names one object of the mesh, in Kubernetes' words. */
export interface ObjectRef {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** A place in a file; line and column count from 1. An object of the Kubernetes API has none: its line is 0, and its file `Kind/namespace/name@version`. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One finding. `code` is Istio's (IST0101) where the meaning is the same, else ours (HED...). `field` is a path such as `spec.http[0].route[1].weight`. */
export interface Problem {
  readonly code: string;
  readonly level: Level;
  readonly message: string;
  readonly object?: ObjectRef;
  readonly position?: Position;
  readonly field?: string;
  readonly hint?: string;
}

/** A value, or the problems that kept it from being one. Warnings may stand beside a value. */
export interface Parsed<T> {
  readonly value?: T;
  readonly problems: readonly Problem[];
}

/** An object never yields more problems than this: hostile input could fill the memory with them. */
export const maxProblemsPerObject = 100;

/** `file:line`, or the file alone where there are no lines. */
export function formatPosition({ file, line }: Position): string {
  return line > 0 ? `${file}:${line}` : file;
}

/** `file:line:column: error HED101 VirtualService default/reviews spec.http[0].form: unknown field (did you mean "from"?)` */
export function formatProblem(problem: Problem): string {
  const { position: at, object } = problem;
  const where = at ? `${formatPosition(at)}${at.line > 0 ? `:${at.column}` : ""}: ` : "";
  const what = object ? ` ${object.kind} ${object.namespace ? `${object.namespace}/` : ""}${object.name}` : "";
  const field = problem.field ? ` ${problem.field}` : "";
  const hint = problem.hint ? ` (${problem.hint})` : "";
  return `${where}${problem.level} ${problem.code}${what}${field}: ${problem.message}${hint}`;
}
