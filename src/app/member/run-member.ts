import { spawn, type ChildProcess } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { createLog } from "../../lib/index.ts";
import type { Probe } from "../../mesh/index.ts";
import { Failure } from "../failure.ts";
import { untilSignal } from "../signal.ts";
import { envoyArguments } from "../up/sidecar.ts";
import { keepJoined, type JoiningOptions } from "./joining.ts";
import { askApp, askEnvoy, startProber } from "./prober.ts";

export interface MemberOptions extends Pick<JoiningOptions, "controlPlane" | "caFile" | "tokenFile" | "claim"> {
  readonly envoy: string;
  readonly bootstrap: string;
  readonly concurrency: string;
  readonly logLevel: string;
  readonly allowExec: boolean;
}

/** How long Envoy still serves after the workload has left its group: callers hear of it, and what is under way ends. Istio's. */
const drainMs = 5_000;
/** How long Envoy waits to be described as a member; without an answer it begins as a workload that nobody knows. */
const answerMs = 5_000;
const readyTimeoutMs = 1_000;

/**
 * Runs a workload of a group: the membership, Envoy as a child process, and the group's probe. Ends with Envoy; SIGTERM and SIGINT leave
 * the group first. Resolves with the exit status. Killed with -9, it takes Envoy with it.
 */
export async function runMember(options: MemberOptions): Promise<number> {
  const log = createLog("info");
  const signalled = untilSignal().then(() => true);
  const prober = keepProber(options.allowExec, (...health) => joining.report(...health));
  const joining = keepJoined({ ...options, onNotice: ({ probe }) => prober.use(probe as Probe | undefined), log });
  await Promise.race([joining.answered, signalled, pause(answerMs, undefined, { ref: false })]);
  const { child, ended } = startEnvoy(options);
  const isOver = ended.then(() => true);
  if (await untilReady([isOver, signalled])) prober.begin();
  await Promise.race([isOver, signalled]);
  prober.stop();
  await joining.leave();
  if (child.exitCode === null && child.signalCode === null) {
    await Promise.race([isOver, pause(drainMs, undefined, { ref: false })]);
    child.kill("SIGTERM");
  }
  return ended;
}

/** Envoy, and how it ends. It is in a process group of its own: who ends ours, or types Ctrl-C, ends Envoy by our hand, when it has drained. */
function startEnvoy({ envoy, bootstrap, concurrency, logLevel }: MemberOptions): {
  readonly child: ChildProcess;
  readonly ended: Promise<number>;
} {
  const { PATH = "/usr/bin:/bin" } = process.env;
  const words = ["--pdeathsig", "KILL", "--", envoy, ...envoyArguments(bootstrap, Number(concurrency), logLevel)];
  const child = spawn("setpriv", words, { stdio: "inherit", detached: true, env: { PATH } });
  const ended = new Promise<number>((resolve, reject) => {
    child.on("error", (error) => reject(new Failure(`cannot run ${envoy}: ${error.message}`)));
    child.on("exit", (code, signal) => resolve(code ?? (signal === "SIGTERM" ? 0 : 1)));
  });
  return { child, ended };
}

/** Waits for Envoy's first configuration: before it nobody could be served. False when something else came first. */
async function untilReady(others: readonly Promise<boolean>[]): Promise<boolean> {
  for (;;) {
    const ready = askEnvoy(readyTimeoutMs).then(
      () => true,
      () => pause(100).then(() => false),
    );
    if (await Promise.race([...others, ready.then(() => false)])) return false;
    if (await ready) return true;
  }
}

/** What looks after the workload's health. */
interface Prober {
  /** The group's probe, now and when it has changed; undefined: that Envoy serves is enough. */
  use(this: void, probe: Probe | undefined): void;
  /** Envoy serves: from now on the probe is run. */
  begin(this: void): void;
  stop(this: void): void;
}

/** Keeps one prober at work, of the newest probe; where nothing has changed, the one that runs goes on. */
function keepProber(allowExec: boolean, onHealth: (healthy: boolean, message: string) => void): Prober {
  let current: Probe | undefined;
  let isServing = false;
  let stop = (): void => undefined;
  const run = (): void => {
    stop();
    stop = () => undefined;
    if (current) stop = startProber(current, askApp({ allowExec }), onHealth);
    else onHealth(true, "");
  };
  return {
    use: (probe) => {
      if (isDeepStrictEqual(probe, current)) return;
      current = probe;
      if (isServing) run();
    },
    begin: () => {
      isServing = true;
      run();
    },
    stop: () => {
      isServing = false;
      stop();
    },
  };
}
