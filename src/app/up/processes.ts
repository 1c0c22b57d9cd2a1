import { spawn, type ChildProcess } from "node:child_process";
import { open, readFile, type FileHandle } from "node:fs/promises";

export interface ProcessOptions {
  /** Network namespace; without it, our own. */
  readonly namespace?: string;
  readonly uid?: number; // with the group of the same number; without it, ours
  readonly command: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly logFile: string; // both outputs are appended
  /** Run this file, opened by us, in the place of command[0]: whoever we become need not reach its folder. */
  readonly executable?: string;
}

export interface RunningProcess {
  readonly pid: number;
  readonly logFile: string;
  /** Resolves when it ended, with what ended it: `status 1`, `SIGKILL`. */
  readonly ended: Promise<string>;
  readonly running: () => boolean;
  /** Asks it to end (SIGTERM to its group), insists after `graceMs`, returns when it is gone. */
  stop(graceMs?: number): Promise<void>;
}

/** The words before the command: enter the namespace, die with us, become somebody else. All of them exec: the pid stays. */
function prefix({ namespace, uid }: ProcessOptions): string[] {
  const user =
    uid === undefined
      ? []
      : ["--reuid", `${uid}`, "--regid", `${uid}`, "--clear-groups", "--inh-caps", "-all", "--no-new-privs"];
  const enter = namespace === undefined ? [] : ["ip", "netns", "exec", namespace];
  return [...enter, "setpriv", "--pdeathsig", "KILL", ...user, "--"];
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    // The group is gone already, which is what was wanted.
  }
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.on("exit", (code, signal) => resolve(signal ?? `status ${code}`));
    child.on("error", (error) => resolve(error.message));
  });
}

/** Starts a process in a group of its own. Rejects when it cannot be started at all; that it lives on is the caller's to see. */
export async function startProcess(options: ProcessOptions): Promise<RunningProcess> {
  const files: FileHandle[] = [await open(options.logFile, "a", 0o644)];
  try {
    if (options.executable !== undefined) files.push(await open(options.executable, "r"));
    const [log, executable] = files;
    if (options.uid !== undefined) await log?.chown(options.uid, options.uid); // to be opened again, as /dev/stdout
    const words = executable ? ["/proc/self/fd/3", ...options.command.slice(1)] : options.command;
    const [file = "", ...args] = [...prefix(options), ...words];
    const child = spawn(file, args, {
      cwd: options.cwd,
      env: options.env,
      detached: true,
      stdio: ["ignore", log?.fd, log?.fd, ...(executable ? [executable.fd] : [])],
    });
    const ended = endOf(child);
    const { pid } = child;
    if (pid === undefined) throw new Error(`${options.command[0] ?? ""}: ${await ended}`);
    const stop = async (graceMs = 5_000): Promise<void> => {
      signalGroup(child, "SIGTERM");
      const insist = setTimeout(() => signalGroup(child, "SIGKILL"), graceMs);
      await ended;
      clearTimeout(insist);
      signalGroup(child, "SIGKILL"); // children it left behind
    };
    const running = () => child.exitCode === null && child.signalCode === null;
    return { pid, logFile: options.logFile, ended, running, stop };
  } finally {
    await Promise.all(files.map((handle) => handle.close()));
  }
}

/** The last lines of a process's log, for the message that says why it failed. */
export async function lastLines(logFile: string, count = 8): Promise<string> {
  const text = await readFile(logFile, "utf8").catch(() => "");
  return text.trimEnd().split("\n").slice(-count).join("\n");
}
