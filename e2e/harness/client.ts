import { spawn } from "node:child_process";
import { join } from "node:path";
import { projectRoot } from "./project.ts";

/** What the client is asked to send; see e2e/apps/client.mjs. */
export interface RequestOptions {
  readonly count?: number;
  readonly concurrency?: number;
  readonly ratePerSecond?: number;
  /** `{n}` in a value is the number of the request. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
  readonly body?: string;
  readonly timeoutMs?: number;
  readonly keepAlive?: boolean;
  /** How many answers to return whole; 10. */
  readonly keep?: number;
  /** Of an https address: PEM of who may have signed the server, and the name that it must have. Each connection is a full handshake. */
  readonly ca?: string;
  readonly servername?: string;
}

/** What the sample app (e2e/apps/echo.mjs) says. */
export interface Echo {
  readonly service: string;
  readonly version: string;
  readonly instance: string; // name of the pod
  readonly method: string;
  readonly path: string;
  readonly attempt: number; // how often this instance has seen the request's x-request-key
  readonly peer: string;
  readonly caller?: string; // alternative names of the certificate that a TLS server was shown
  readonly peerPort: number;
  readonly port: number; // that it came to
  readonly httpVersion: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The answer to the call that x-call asked for. */
  readonly called?: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: Echo;
  };
}

export interface Answer {
  readonly status: number; // 0: no answer
  readonly ms: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Echo; // where it was JSON
  readonly text?: string; // where it was not: from a proxy, mostly
  readonly error?: string;
}

/** What became of the requests. `failed`: no answer, or a status from 400 on. */
export interface Summary {
  readonly sent: number;
  readonly count: number;
  readonly ok: number;
  readonly failed: number;
  readonly byStatus: Readonly<Record<string, number>>;
  readonly byVersion: Readonly<Record<string, number>>;
  readonly byInstance: Readonly<Record<string, number>>;
  readonly errors: Readonly<Record<string, number>>;
  readonly answers: readonly Answer[];
  readonly ms: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly durations: readonly number[];
}

/** Requests that go on until they are stopped. */
export interface Load {
  stop(): Promise<Summary>;
}

/** Starts the client in a network namespace (or right here), as root: never as the proxy's user. */
export function startClient(
  namespace: string | undefined,
  url: string,
  options: RequestOptions,
): Load & { done: Promise<Summary> } {
  const enter = namespace === undefined ? [] : ["ip", "netns", "exec", namespace];
  const words = [
    ...enter,
    "setpriv",
    "--pdeathsig",
    "KILL",
    "--",
    process.execPath,
    join(projectRoot(), "e2e/apps/client.mjs"),
  ];
  const [file = "", ...args] = words;
  const child = spawn(file, args, { stdio: ["pipe", "pipe", "pipe"] });
  let out = "";
  let err = "";
  child.stdout.on("data", (data: Buffer) => (out += data.toString()));
  child.stderr.on("data", (data: Buffer) => (err += data.toString()));
  child.stdin.on("error", () => undefined);
  child.stdin.end(JSON.stringify({ url, ...options }));
  const done = new Promise<Summary>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code === 0) resolve(JSON.parse(out) as Summary);
      else reject(new Error(`the client ended with ${signal ?? `status ${code}`}: ${err}`));
    });
  });
  done.catch(() => undefined); // whoever waits is told
  const stop = () => {
    child.kill("SIGTERM");
    return done;
  };
  return { done, stop };
}
