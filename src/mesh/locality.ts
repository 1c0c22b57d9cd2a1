import type { Labels } from "./labels.ts";
import type { Locality } from "./types.ts";

export const nowhere: Locality = Object.freeze({ region: "", zone: "", subzone: "" });

/** `region/zone/subzone`, as https://istio.io/latest/docs/reference/config/networking/workload-entry/#WorkloadEntry writes it. */
export function parseLocality(text: string | undefined): Locality {
  if (!text) return nowhere;
  const [region = "", zone = "", subzone = ""] = text.split("/");
  return Object.freeze({ region, zone, subzone });
}

/** A pod's locality: the label `istio-locality` (dots for slashes), else Kubernetes' topology labels. `zone`: what its EndpointSlice says. */
export function podLocality(labels: Labels, zone = ""): Locality {
  const written = labels["istio-locality"];
  if (written) return parseLocality(written.includes("/") ? written : written.replaceAll(".", "/"));
  const region = labels["topology.kubernetes.io/region"] ?? "";
  const itsZone = labels["topology.kubernetes.io/zone"] ?? zone;
  const subzone = labels["topology.istio.io/subzone"] ?? "";
  return region || itsZone || subzone ? Object.freeze({ region, zone: itsZone, subzone }) : nowhere;
}
