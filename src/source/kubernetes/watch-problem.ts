import type { Problem } from "../../lib/index.ts";
import { codes } from "../codes.ts";
import type { WatchStatus } from "./informer.ts";

/** A server that is away for less is nothing to tell of. */
const toleratedMs = 60_000;

interface Watch {
  readonly status: WatchStatus;
  readonly message: string | undefined;
  readonly contactAt: number;
}

/** What is wrong with the watch of one kind, of which we hold `objects`. */
export function watchProblem(
  kind: string,
  { status, message = "", contactAt }: Watch,
  objects: number,
  now: number,
): Problem | undefined {
  const kept = `its ${objects} objects stay as they were`;
  if (status === "frozen")
    return {
      code: codes.watchRefused,
      level: "error",
      message: `the API server refuses to show ${kind}: ${kept} (${message})`,
      hint: `grant Heddle's service account get, list and watch`,
    };
  if (status === "absent" && objects > 0)
    return {
      code: codes.kindGone,
      level: "error",
      message: `the API server does not serve ${kind} any more: ${kept}`,
      hint: "install the CRD again, or restart Heddle to forget them",
    };
  if (status === "stale" && now - contactAt > toleratedMs)
    return {
      code: codes.watchStale,
      level: "warning",
      message: `nothing was heard of ${kind} for ${Math.floor((now - contactAt) / 60_000)} min: ${kept} (${message})`,
    };
  return undefined;
}

/** What is wrong with the watch of the Secret `namespace/name`, which we hold if `objects` is 1. Never a word of what is in it. */
export function secretProblem(name: string, watch: Watch, objects: number, now: number): Problem | undefined {
  if (watch.status !== "frozen") return watchProblem(`Secret ${name}`, watch, objects, now);
  const namespace = name.slice(0, name.indexOf("/"));
  const meanwhile =
    objects > 0 ? "what it said last stays" : "servers of Gateways that name it in credentialName are not served";
  return {
    code: codes.secretRefused,
    level: "error",
    message: `the API server refuses to show Secret ${name}, which a gateway needs: ${meanwhile} (${watch.message ?? ""})`,
    hint:
      `grant Heddle's service account list and watch on it: kubectl -n ${namespace} create rolebinding heddle-gateway-secrets ` +
      "--clusterrole=heddle-gateway-secrets --serviceaccount=heddle-system:heddle",
  };
}
