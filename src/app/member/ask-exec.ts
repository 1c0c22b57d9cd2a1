import { spawn } from "node:child_process";
import type { Probe } from "../../mesh/index.ts";

/**
 * Runs a command, without a shell and with nothing of our environment but PATH: status 0 is well. Rejects with what is wrong; a command
 * that takes longer than `timeoutMs` is killed with all that it started.
 */
export function askExec(
  { command: [file = "", ...args] }: NonNullable<Probe["exec"]>,
  timeoutMs: number,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const { PATH = "/usr/bin:/bin" } = process.env;
    const child = spawn(file, args, { detached: true, stdio: "ignore", env: { PATH } });
    const timer = setTimeout(() => {
      reject(new Error(`the command takes longer than ${timeoutMs / 1000} s`));
      killGroup(child.pid);
    }, timeoutMs);
    child.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on("exit", (code, signal) => {
      clearTimeout(timer);
      if (code === 0) resolve();
      else reject(new Error(`the command ended with ${signal ?? `status ${code}`}`));
    });
  });
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended by itself, which is as good.
  }
}
