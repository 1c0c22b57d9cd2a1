import type { Fields } from "../kind.ts";
import type { ObjectMeta } from "../object.ts";

/** Istio's annotation of an entry whose health somebody reports: until it is known to be well, it gets no requests. */
export const healthAnnotation = "proxy.istio.io/health-checks-enabled";
/** The type of the condition of its status that says how it is. */
export const healthCondition = "Healthy";

/** strconv.ParseBool's words for yes. */
const yes: ReadonlySet<string> = new Set(["1", "t", "T", "true", "TRUE", "True"]);

/** Whether a workload may get requests; undefined where nobody asks it. https://istio.io/latest/docs/reference/config/networking/workload-group/ */
export function healthOf(status: unknown, { annotations }: ObjectMeta): boolean | undefined {
  if (!yes.has(annotations[healthAnnotation] ?? "")) return undefined;
  return conditionsIn(status).some(({ type, status }) => type === healthCondition && status === "True");
}

function conditionsIn(status: unknown): readonly Fields[] {
  if (typeof status !== "object" || status === null) return [];
  const { conditions } = status as Fields;
  if (!Array.isArray(conditions)) return [];
  return conditions.filter((one): one is Fields => typeof one === "object" && one !== null);
}
