import { execve } from "node:process";
import { Failure } from "../failure.ts";
import { envoyArguments } from "./sidecar.ts";

/** Replaces this process by Envoy: same pid, so that whoever supervises us supervises Envoy. Throws Failure where it cannot. */
export function executeEnvoy(
  envoy: string,
  bootstrap: string,
  { concurrency, logLevel }: { concurrency: string; logLevel: string },
): void {
  if (!execve) throw new Failure("this Node cannot replace itself by Envoy; use Node 24 on Linux");
  const { PATH = "/usr/bin:/bin" } = process.env;
  try {
    execve(envoy, [envoy, ...envoyArguments(bootstrap, Number(concurrency), logLevel)], { PATH });
  } catch (error) {
    throw new Failure(`cannot run ${envoy}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
