const annotation = "inject.istio.io/templates";

/** Whether annotations make a pod a gateway: its Envoy has the pod's ports to itself. https://istio.io/latest/docs/setup/additional-setup/gateway/ */
export function isGatewayPod(annotations: Readonly<Record<string, string>>): boolean {
  const templates = Object.hasOwn(annotations, annotation) ? (annotations[annotation] ?? "") : "";
  return templates.split(",").some((template) => template.trim() === "gateway");
}
