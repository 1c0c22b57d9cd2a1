import { spawn } from "node:child_process";

/** What a command said. */
export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a program to its end, `input` on its standard input; never rejects for its exit status. */
function run(program: string, args: readonly string[], input?: string): Promise<Said> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"] });
    let out = "";
    let err = "";
    child.stdout?.on("data", (data: Buffer) => (out += data.toString()));
    child.stderr?.on("data", (data: Buffer) => (err += data.toString()));
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input);
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? 1, out, err }));
  });
}

/** The kubectl of this run (HEDDLE_KUBECTL), against the cluster that KUBECONFIG names: whatever its exit status. */
export function tryKubectl(args: readonly string[], input?: string): Promise<Said> {
  return run(process.env["HEDDLE_KUBECTL"] ?? "kubectl", args, input);
}

/** What kubectl printed; rejects with its own words where it fails. */
export async function kubectl(args: readonly string[], input?: string): Promise<string> {
  const { code, out, err } = await tryKubectl(args, input);
  if (code !== 0) throw new Error(`kubectl ${args.join(" ")}: ${err.trim() || out.trim()}`);
  return out;
}

/** An object, or a list of them, as the API server has it. */
export async function kubectlGet<T>(args: readonly string[]): Promise<T> {
  return JSON.parse(await kubectl(["get", ...args, "-o", "json"])) as T;
}
