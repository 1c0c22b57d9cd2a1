// Sends many requests and prints one line of JSON about them. Knows nothing of the mesh.
// Reads from standard input: { url, count, concurrency, ratePerSecond, headers, method, body, timeoutMs, keepAlive, keep, stopFile, ca, servername }
//   count: how many requests; without it, until SIGTERM, or until there is a file `stopFile`.  keep: how many answers to return whole (10).
//   ca: PEM of who may have signed the server of an https address, servername: the name it is asked for, which its certificate must have.
//   ratePerSecond: start so many a second instead of one after the other on each of `concurrency` lanes.
import { existsSync } from "node:fs";
import * as http from "node:http";
import * as https from "node:https";
import { performance } from "node:perf_hooks";

let input = "";
for await (const chunk of process.stdin) input += chunk;
const options = JSON.parse(input);
const { url, count = Infinity, concurrency = 1, ratePerSecond, headers = {}, method = "GET", body } = options;
const { timeoutMs = 30_000, keepAlive = true, keep = 10, stopFile, ca, servername } = options;
const { Agent, request: send } = url.startsWith("https:") ? https : http;
const agent = new Agent({
  ...(ca && { ca, servername, maxCachedSessions: 0 }),
  keepAlive,
  maxSockets: ratePerSecond ? Infinity : concurrency,
});

const summary = {
  sent: 0,
  count: 0,
  ok: 0,
  failed: 0,
  byStatus: {},
  byVersion: {},
  byInstance: {},
  errors: {},
  answers: [],
};
const durations = [];
let stopping = false;

function add(counts, key) {
  counts[key] = (counts[key] ?? 0) + 1;
}

/** `{n}` in a header or in the address is the number of the request. */
function numbered(text, n) {
  return String(text).replaceAll("{n}", String(n));
}

function once(n) {
  return new Promise((resolve) => {
    const started = performance.now();
    const mine = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, numbered(value, n)]));
    const end = (status, text, answerHeaders, error) => {
      const ms = performance.now() - started;
      summary.count += 1;
      durations.push(ms);
      if (error) {
        summary.failed += 1;
        add(summary.errors, error);
      } else {
        add(summary.byStatus, status);
        summary[status < 400 ? "ok" : "failed"] += 1;
      }
      let said;
      try {
        const body = JSON.parse(text);
        if (body?.version) add(summary.byVersion, body.version);
        if (body?.instance) add(summary.byInstance, body.instance);
        said = { body };
      } catch {
        said = { text }; // not JSON: kept as it is
      }
      if (summary.answers.length < keep) summary.answers.push({ status, ms, headers: answerHeaders, ...said, error });
      resolve();
    };
    const asked = send(numbered(url, n), { agent, method, headers: mine, timeout: timeoutMs }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => end(response.statusCode, Buffer.concat(chunks).toString(), response.headers));
      response.on("error", (error) => end(0, "", {}, error.code ?? error.message));
    });
    asked.on("timeout", () => asked.destroy(Object.assign(new Error("timeout"), { code: "TIMEOUT" })));
    asked.on("error", (error) => end(0, "", {}, error.code ?? error.message));
    summary.sent += 1;
    asked.end(body);
  });
}

function percentile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

async function finish() {
  const sorted = [...durations].sort((a, b) => a - b);
  const ms = { p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99), max: sorted.at(-1) ?? 0 };
  process.stdout.write(`${JSON.stringify({ ...summary, ms, durations })}\n`, () => process.exit(0));
}

process.on("SIGTERM", () => (stopping = true));
process.on("SIGINT", () => (stopping = true));
if (stopFile) setInterval(() => (stopping ||= existsSync(stopFile)), 50).unref();

let next = 0;
async function lane() {
  while (!stopping && next < count) await once(next++);
}

if (ratePerSecond) {
  const running = new Set();
  const begun = performance.now();
  while (!stopping && next < count) {
    const due = Math.min(count, Math.floor(((performance.now() - begun) / 1000) * ratePerSecond) + 1);
    while (next < due && !stopping) {
      const one = once(next++).then(() => running.delete(one));
      running.add(one);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await Promise.all(running);
} else {
  await Promise.all(Array.from({ length: concurrency }, lane));
}
await finish();
