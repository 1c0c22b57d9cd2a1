import type { Fields } from "../kind.ts";
import type { ObjectMeta } from "../object.ts";
import type { WorkloadHealth } from "./types.ts";

/** Istio's annotation of an entry whose health somebody reports: until it is known to be well, it gets no requests. */
export const healthAnnotation = "proxy.istio.io/health-checks-enabled";
/** The type of the condition of its status that says how it is. */
export const healthCondition = "Healthy";

/** strconv.ParseBool's words for yes. */
const yes: ReadonlySet<string> = new Set(["1", "t", "T", "true", "TRUE", "True"]);

/** Whether a workload may get requests, and why not; nothing where nobody asks it. https://istio.io/latest/docs/reference/config/networking/workload-group/ */
export function healthOf(status: unknown, { annotations }: ObjectMeta): WorkloadHealth {
  if (!yes.has(annotations[healthAnnotation] ?? "")) return {};
  const { status: verdict, message } = conditionsIn(status).find(({ type }) => type === healthCondition) ?? {};
  if (verdict === "True") return { healthy: true };
  return { healthy: false, ...(typeof message === "string" && message !== "" && { unwell: message }) };
}

function conditionsIn(status: unknown): readonly Fields[] {
  if (typeof status !== "object" || status === null) return [];
  const { conditions } = status as Fields;
  if (!Array.isArray(conditions)) return [];
  return conditions.filter((one): one is Fields => typeof one === "object" && one !== null);
}
