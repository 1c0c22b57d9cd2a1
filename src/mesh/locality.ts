import { noLabels, type Labels } from "./labels.ts";
import type { Locality } from "./types.ts";

export const nowhere: Locality = Object.freeze({ region: "", zone: "", subzone: "" });

/** `region/zone/subzone`, as https://istio.io/latest/docs/reference/config/networking/workload-entry/#WorkloadEntry writes it. */
export function parseLocality(text: string | undefined): Locality {
  if (!text) return nowhere;
  const [region = "", zone = "", subzone = ""] = text.split("/");
  return Object.freeze({ region, zone, subzone });
}

/**
 * A pod's locality: its label `istio-locality` (dots for slashes), else Kubernetes' topology labels of its node, else its own.
 * `zone`: what its EndpointSlice says. https://istio.io/latest/docs/tasks/traffic-management/locality-load-balancing/
 */
export function podLocality(labels: Labels, nodeLabels: Labels = noLabels, zone = ""): Locality {
  const written = labels["istio-locality"];
  if (written) return parseLocality(written.includes("/") ? written : written.replaceAll(".", "/"));
  const of = (label: string): string | undefined => nodeLabels[label] ?? labels[label];
  const region = of("topology.kubernetes.io/region") ?? "";
  const itsZone = of("topology.kubernetes.io/zone") ?? zone;
  const subzone = of("topology.istio.io/subzone") ?? "";
  return region || itsZone || subzone ? Object.freeze({ region, zone: itsZone, subzone }) : nowhere;
}
