import { createLog } from "../../lib/index.ts";
import type { RunningProcess } from "./processes.ts";
import { keepRunning } from "./supervision.ts";

const log = createLog("silent");

/** A process that ends when it is told to. */
function fakeProcess(pid: number): RunningProcess & { end(how: string): void } {
  let end = (_how: string): void => {};
  let running = true;
  const ended = new Promise<string>((resolve) => {
    end = (how) => {
      running = false;
      resolve(how);
    };
  });
  return {
    pid,
    logFile: "/nonexistent",
    ended,
    running: () => running,
    end: (how) => end(how),
    stop: () => Promise.resolve(end("SIGTERM")),
  };
}

describe("a supervised process", () => {
  it("is started again when it ends, and not after it was stopped", async () => {
    const processes: ReturnType<typeof fakeProcess>[] = [];
    const start = () => {
      const process = fakeProcess(processes.length + 1);
      processes.push(process);
      return Promise.resolve(process);
    };
    const supervised = await keepRunning("app", start, log);
    expect(supervised.current().pid).toBe(1);
    const second = new Promise<void>((resolve) => {
      const push = processes.push.bind(processes);
      processes.push = (...items) => {
        resolve();
        return push(...items);
      };
    });
    processes[0]?.end("status 1");
    await second;
    await supervised.stop();
    expect(processes.map((process) => process.running())).toEqual([false, false]);
    expect(supervised.current().pid).toBe(2);
  });

  it("fails where the first start fails", async () => {
    await expect(keepRunning("app", () => Promise.reject(new Error("no such file")), log)).rejects.toThrow(
      "no such file",
    );
  });
});
