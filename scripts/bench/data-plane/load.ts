import { readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../../src/app/up/index.ts";
import { body, type HttpVersion } from "./input.ts";

/** How requests are sent. */
export interface Scenario {
  readonly name: string;
  readonly version: HttpVersion;
  readonly connections: number;
  /** Requests at a time on each connection. */
  readonly streams: number;
  /** Requests per second of all connections together, sent whether or not answers come; without it, each answer is followed by a request. */
  readonly rate?: number;
}

/** What became of the requests of one run; times in milliseconds. */
export interface Outcome {
  readonly requests: number; // answered with 200
  readonly failed: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

/** wrk where it can do it (HTTP/1.1, closed loop), else h2load. */
export function sendLoad(namespace: string, url: string, scenario: Scenario, seconds: number): Promise<Outcome> {
  const closedHttp1 = scenario.version === "HTTP/1.1" && scenario.rate === undefined;
  return closedHttp1 ? wrk(namespace, url, scenario, seconds) : h2load(namespace, url, scenario, seconds);
}

const files = {
  body: join(tmpdir(), `data-plane-${process.pid}.body`),
  script: join(tmpdir(), `data-plane-${process.pid}.lua`),
};

/** The body to send, for both tools; `removeRequest` takes it away. */
export async function writeRequest(): Promise<void> {
  await writeFile(files.body, body);
  await writeFile(files.script, `wrk.method = "POST"\nwrk.body = ${JSON.stringify(body)}\n`);
}

export async function removeRequest(): Promise<void> {
  await Promise.all(Object.values(files).map((file) => rm(file, { force: true })));
}

async function wrk(namespace: string, url: string, { connections }: Scenario, seconds: number): Promise<Outcome> {
  const options = ["-t", "1", "-c", `${connections}`, "-d", `${seconds}s`, "--latency", "-s", files.script];
  const out = await run(["ip", "netns", "exec", namespace, "wrk", ...options, url]);
  const requests = Number(/(\d+) requests in/.exec(out)?.[1]);
  const bad = Number(/Non-2xx or 3xx responses: (\d+)/.exec(out)?.[1] ?? 0);
  const broken = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(out)?.slice(1) ?? [];
  const percentile = (text: string | undefined) => {
    const [, value, unit] = /^([\d.]+)(us|ms|s)$/.exec(text ?? "") ?? [];
    return Number(value) * ({ us: 1e-3, ms: 1, s: 1e3 }[unit ?? ""] ?? NaN);
  };
  return {
    requests: requests - bad,
    failed: bad + broken.reduce((sum, count) => sum + Number(count), 0),
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(out)?.[1]),
    p50: percentile(/50%\s+(\S+)/.exec(out)?.[1]),
    p99: percentile(/99%\s+(\S+)/.exec(out)?.[1]),
  };
}

/** A number of requests at once, as they may go: none may fail. */
export async function sendRequests(namespace: string, url: string, scenario: Scenario, count: number): Promise<void> {
  const options = [...shape(scenario), "-n", `${count}`];
  const out = await run(["ip", "netns", "exec", namespace, "h2load", ...options, url], "", 300_000);
  if (!out.includes(` ${count} succeeded`)) throw new Error(`not all of ${count} requests were answered: ${out}`);
}

function shape({ version, connections, streams }: Scenario): string[] {
  const options = ["-t", "1", "-c", `${connections}`, "-m", `${streams}`, "-d", files.body];
  return version === "HTTP/1.1" ? [...options, "--h1"] : options;
}

async function h2load(namespace: string, url: string, scenario: Scenario, seconds: number): Promise<Outcome> {
  const { connections, rate } = scenario;
  const log = join(tmpdir(), `data-plane-${process.pid}.log`);
  const options = [
    ...[...shape(scenario), "--log-file", log],
    ...(rate === undefined
      ? ["-D", `${seconds}`]
      : ["--rps", `${rate / connections}`, "-n", `${Math.round(rate * seconds)}`]),
  ];
  await rm(log, { force: true });
  const out = await run(["ip", "netns", "exec", namespace, "h2load", ...options, url]);
  const rows = (await readFile(log, "utf8"))
    .trim()
    .split("\n")
    .map((row) => row.split("\t").map(Number));
  await rm(log, { force: true });
  const times = rows.flatMap(([, status, micros = NaN]) => (status === 200 ? [micros / 1e3] : []));
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? NaN;
  return {
    requests: times.length,
    failed: Number(/(\d+) failed/.exec(out)?.[1]),
    perSecond: Number(/, ([\d.]+) req\/s/.exec(out)?.[1]),
    p50: at(0.5),
    p99: at(0.99),
  };
}
