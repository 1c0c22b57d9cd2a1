import { readdir, readFile } from "node:fs/promises";

/** Processor time of a process since it began, in seconds: user and system, of all its threads (`man proc_pid_stat`, to 10 ms). */
async function cpuSeconds(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" "); // the name before may hold blanks
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** The same to the nanosecond, from the scheduler's own account of each thread, where the kernel keeps one. */
async function exactCpuSeconds(pid: number): Promise<number> {
  const threads = await readdir(`/proc/${pid}/task`);
  const times = await Promise.all(threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/schedstat`, "utf8")));
  return times.reduce((sum, text) => sum + Number(text.split(" ")[0]), 0) / 1e9;
}

/** Processor time of several processes together, in seconds. */
export async function cpuOf(pids: readonly number[]): Promise<number> {
  const times = await Promise.all(pids.map((pid) => exactCpuSeconds(pid).catch(() => cpuSeconds(pid))));
  return times.reduce((sum, time) => sum + time, 0);
}

/** Memory of a process in MiB: all that is mapped and present, and of it what is the process's alone. */
export async function memoryOf(pid: number): Promise<{ rss: number; rssAnon: number }> {
  const text = await readFile(`/proc/${pid}/status`, "utf8");
  const field = (name: string) =>
    Number(
      text
        .split("\n")
        .find((line) => line.startsWith(`${name}:`))
        ?.split(/\s+/)[1],
    );
  return { rss: field("VmRSS") / 1024, rssAnon: field("RssAnon") / 1024 };
}
