import type { Service } from "./types.ts";

const annotation = "networking.istio.io/traffic-distribution";

/**
 * Which endpoints a service's clients prefer, as its `spec.trafficDistribution` says, else its annotation, in any case of letters.
 * https://kubernetes.io/docs/reference/networking/virtual-ips/#traffic-distribution and
 * https://istio.io/latest/docs/reference/config/annotations/#NetworkingTrafficDistribution
 */
export function preferenceOf(
  annotations: Readonly<Record<string, string>>,
  written?: string,
): Pick<Service, "prefers"> {
  const prefers = preferenceNamed(written) ?? preferenceNamed(annotations[annotation], true);
  return prefers === undefined ? {} : { prefers };
}

function preferenceNamed(text = "", anyCase = false): Service["prefers"] {
  const found = Object.entries(preferences).find(
    ([name]) => name === text || (anyCase && name.toLowerCase() === text.toLowerCase()),
  );
  return found?.[1];
}

/** PreferClose is the old name of PreferSameZone. */
const preferences = { PreferClose: "zone", PreferSameZone: "zone", PreferSameNode: "node" } as const;
