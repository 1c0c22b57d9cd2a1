import { spawn } from "node:child_process";

/** A command that ended with another status than 0; the message has what it said. */
export class CommandFailed extends Error {
  constructor(argv: readonly string[], said: string) {
    super(`${argv.join(" ")}: ${said.trim() || "failed"}`);
  }
}

const maxOutput = 1 << 20;

/** Runs a command without a shell and returns its standard output. Rejects with CommandFailed. Ends it after `timeoutMs` (30 s). */
export function run(argv: readonly string[], input = "", timeoutMs = 30_000): Promise<string> {
  const [file = "", ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: "pipe", timeout: timeoutMs, killSignal: "SIGKILL" });
    const said = { out: "", err: "" };
    child.stdout.on("data", (data: Buffer) => (said.out = (said.out + data.toString()).slice(-maxOutput)));
    child.stderr.on("data", (data: Buffer) => (said.err = (said.err + data.toString()).slice(-maxOutput)));
    child.stdin.on("error", () => undefined); // it ended before it read: its status says more
    child.on("error", (error) => reject(new CommandFailed(argv, error.message)));
    child.on("close", (code, signal) => {
      if (code === 0) resolve(said.out);
      else reject(new CommandFailed(argv, said.err || `ended by ${signal ?? `status ${code}`}`));
    });
    child.stdin.end(input);
  });
}
