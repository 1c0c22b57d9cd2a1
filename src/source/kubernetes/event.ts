import { randomBytes } from "node:crypto";
import type { Condition } from "./condition.ts";
import type { RawObject } from "./raw-object.ts";

/** A warning that `kubectl describe` shows with the object: https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/ */
export function warningEvent(object: RawObject, { reason, message }: Condition, reporter: string, now: number): object {
  const { name = "", namespace = "default", uid, resourceVersion } = object.metadata ?? {};
  const time = new Date(now).toISOString();
  return {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: `${name.slice(0, 200)}.${randomBytes(8).toString("hex")}`, namespace },
    involvedObject: { apiVersion: object.apiVersion, kind: object.kind, namespace, name, uid, resourceVersion },
    type: "Warning",
    reason,
    message,
    source: { component: "heddle" },
    reportingComponent: "heddle.io/control-plane",
    reportingInstance: reporter,
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
  };
}
