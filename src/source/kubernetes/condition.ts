import type { Problem } from "../../lib/index.ts";
import { isRecord, type RawObject } from "./raw-object.ts";
import type { Judged } from "./object-sink.ts";

/**
 * Of Istio's own conditions, `Reconciled` counts the proxies that have a policy and `PassedAnalysis` sums up what istioctl analyze
 * says; neither means "this version is in force", and an Istio beside us writes them. So the type is ours.
 * https://istio.io/latest/docs/reference/config/config-status/
 */
export const acceptedType = "heddle.io/Accepted";
/** Whether the proxies hold this version; by `kubectl wait --for=condition=heddle.io/Live=true`. */
export const liveType = "heddle.io/Live";

/** https://istio.io/latest/docs/reference/config/meta/v1beta1/istio-status/#IstioCondition */
export interface Condition {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration?: number;
  readonly lastTransitionTime: string;
}

/** How far an object's newest version has come. */
export type LiveVerdict = Pick<Condition, "status" | "reason" | "message">;

const shownProblems = 3;
const maxMessage = 900;

/** What an object's condition should say. `now`: milliseconds since the epoch. */
export function conditionFor({ raw, problems, isHeld }: Judged, now: number): Condition {
  const errors = problems.filter(({ level }) => level === "error");
  const warnings = problems.filter(({ level }) => level === "warning");
  const isAccepted = errors.length === 0;
  const broken = isHeld ? "the last valid version stays in force" : "it has no effect";
  const head = isAccepted ? "" : `${broken}: `;
  const verdict = {
    status: isAccepted ? "True" : "False",
    reason: isAccepted ? "Accepted" : "Invalid",
    message: `${head}${summaryOf(isAccepted ? warnings : errors)}`,
  } as const;
  return conditionOf(acceptedType, verdict, raw, now);
}

/**
 * What an object's `heddle.io/Live` should say; undefined: nothing yet, or what it says stays. That something is waited for is news only
 * where nothing was said of this version: proxies that come back do not take back that it was live.
 */
export function liveConditionFor(raw: RawObject, verdict: LiveVerdict, now: number): Condition | undefined {
  const next = conditionOf(liveType, verdict, raw, now);
  const before = ownCondition(raw.status, liveType);
  const isSame = before?.observedGeneration !== undefined && before.observedGeneration === next.observedGeneration;
  return isSame && verdict.status === "Unknown" && before.status !== "Unknown" ? undefined : next;
}

function conditionOf(type: string, { status, reason, message }: LiveVerdict, raw: RawObject, now: number): Condition {
  const { generation } = raw.metadata ?? {};
  const before = ownCondition(raw.status, type);
  return {
    ...{ type, status, reason, message: message.slice(0, maxMessage) },
    ...(typeof generation === "number" && { observedGeneration: generation }),
    lastTransitionTime: before?.status === status ? before.lastTransitionTime : new Date(now).toISOString(),
  };
}

/** All conditions of an object with these in the place of their predecessors. */
export function conditionsWith(status: unknown, conditions: readonly Condition[]): readonly unknown[] {
  const types = new Set<unknown>(conditions.map(({ type }) => type));
  return [...conditionsIn(status).filter((other) => !isRecord(other) || !types.has(typeOf(other))), ...conditions];
}

/** True when the object says so already. A CRD of Istio's that knows no observedGeneration drops it. */
export function isWritten(status: unknown, wanted: Condition): boolean {
  const written = ownCondition(status, wanted.type);
  if (!written) return false;
  const { observedGeneration = wanted.observedGeneration } = written;
  return (
    written.status === wanted.status &&
    written.reason === wanted.reason &&
    written.message === wanted.message &&
    observedGeneration === wanted.observedGeneration
  );
}

function summaryOf(problems: readonly Problem[]): string {
  const lines = problems.slice(0, shownProblems).map(({ code, field, message, hint }) => {
    const what = `${code}${field === undefined ? "" : ` ${field}`}: ${message}`;
    return hint === undefined ? what : `${what} (${hint})`;
  });
  const more = problems.length - lines.length;
  return lines.join("; ") + (more > 0 ? `; and ${more} more` : "");
}

function ownCondition(status: unknown, type: string): Condition | undefined {
  return conditionsIn(status).find((condition) => isRecord(condition) && typeOf(condition) === type) as
    Condition | undefined;
}

function conditionsIn(status: unknown): readonly unknown[] {
  if (!isRecord(status)) return [];
  const { conditions } = status as { conditions?: unknown };
  return Array.isArray(conditions) ? conditions : [];
}

const typeOf = (condition: object): unknown => (condition as { type?: unknown }).type;
