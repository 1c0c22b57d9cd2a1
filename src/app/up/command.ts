import { spawn } from "node:child_process";

/** A command that ended with another status than 0; the message has what it said. */
class CommandFailed extends Error {
  constructor(argv: readonly string[], said: string) {
    super(`${argv.join(" ")}: ${said.trim() || "failed"}`);
  }
}

const maxOutput = 1 << 20;

/** What a command said, and how it ended: 0 is well; undefined when it was ended by a signal or could not be started. */
export interface Outcome {
  readonly status: number | undefined;
  readonly out: string;
  readonly err: string;
}

/** Runs a command without a shell, whatever comes of it. Ends it after `timeoutMs` (30 s). Never rejects. */
export function attempt(argv: readonly string[], input = "", timeoutMs = 30_000): Promise<Outcome> {
  const [file = "", ...args] = argv;
  return new Promise((resolve) => {
    const child = spawn(file, args, { stdio: "pipe", timeout: timeoutMs, killSignal: "SIGKILL" });
    let out = "";
    let err = "";
    child.stdout.on("data", (data: Buffer) => (out = (out + data.toString()).slice(-maxOutput)));
    child.stderr.on("data", (data: Buffer) => (err = (err + data.toString()).slice(-maxOutput)));
    child.stdin.on("error", () => undefined); // it ended before it read: its status says more
    child.on("error", (error) => resolve({ status: undefined, out, err: error.message }));
    child.on("close", (code, signal) =>
      resolve({ status: code ?? undefined, out, err: signal ? `${err}ended by ${signal}` : err }),
    );
    child.stdin.end(input);
  });
}

/** Runs a command without a shell and returns its standard output. Rejects with CommandFailed. */
export async function run(argv: readonly string[], input = "", timeoutMs?: number): Promise<string> {
  const { status, out, err } = await attempt(argv, input, timeoutMs);
  if (status !== 0) throw new CommandFailed(argv, err || out || `status ${status}`);
  return out;
}
