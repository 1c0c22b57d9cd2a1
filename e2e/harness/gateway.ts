import { echoService, type EchoService } from "./sample.ts";

/** A Pod that is a gateway: a stock Envoy without an app, as `inject.istio.io/templates: gateway` says. */
export interface GatewayPod {
  readonly name: string;
  readonly namespace?: string; // default
  /** Its label `istio`, by which Gateways select it; ingressgateway. */
  readonly istio?: string;
  readonly labels?: Readonly<Record<string, string>>; // further ones
  readonly annotations?: Readonly<Record<string, string>>; // further ones
}

/** YAML of a gateway's pod; its service account has its name. */
export function gatewayPod({
  name,
  namespace = "default",
  istio = "ingressgateway",
  labels: more,
  annotations: said,
}: GatewayPod): string {
  const annotations = { "inject.istio.io/templates": "gateway", ...said };
  const labels = { app: name, istio, "sidecar.istio.io/inject": "true", ...more };
  const spec = { serviceAccountName: name, containers: [{ name: "istio-proxy", image: "auto" }] };
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { name, namespace, labels, annotations }, spec };
  return `---\n${JSON.stringify(pod)}\n`;
}

/** YAML of the Service in front of it, whose ports Gateways name. */
export function gatewayService(service: EchoService): string {
  return echoService(service);
}
