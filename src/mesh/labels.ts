import { isGatewayPod } from "../model/index.ts";

/** Labels and what selects by them. */
export type Labels = Readonly<Record<string, string>>;

export const noLabels: Labels = Object.freeze({});

/** Whether every label of the selector is among the labels; an empty selector selects all. */
export function selects(selector: Labels, labels: Labels): boolean {
  for (const key of Object.keys(selector)) {
    if (!Object.hasOwn(labels, key) || labels[key] !== selector[key]) return false;
  }
  return true;
}

/** The label of a pod or endpoint whose sidecar speaks mesh mTLS; the injector sets it. */
const tlsModeLabel = "security.istio.io/tlsMode";
const injectLabel = "sidecar.istio.io/inject";

/** Whether a workload with these labels has a sidecar that speaks mesh mTLS: told by the label, or by the wish to be injected. */
export function speaksMeshMtls(labels: Labels, annotations: Labels = noLabels): boolean {
  const mode = labels[tlsModeLabel];
  if (mode !== undefined) return mode === "istio";
  if (isGatewayPod(annotations)) return false; // its ports speak what its Gateways say
  return (labels[injectLabel] ?? annotations[injectLabel]) === "true";
}

/**
 * The same for an address that somebody has written down: told by the label, else by its service account, for only who has a sidecar has
 * an identity. https://istio.io/latest/docs/reference/config/networking/workload-entry/#WorkloadEntry-service_account
 */
export function entrySpeaksMeshMtls(labels: Labels, serviceAccount: string, annotations: Labels = noLabels): boolean {
  return speaksMeshMtls(labels, annotations) || (labels[tlsModeLabel] === undefined && serviceAccount !== "");
}
