import { byCodeUnit, memo } from "../../lib/index.ts";
import type { MeshObject } from "../../model/index.ts";
import { codes, type Finding } from "./finding.ts";

type ServiceObject = MeshObject<"Service">;
type Labels = Readonly<Record<string, string>>;

/**
 * Services that lead to one port of the same pods by ports of different numbers: their sidecar serves it under one of them.
 * https://istio.io/latest/docs/reference/config/analysis/ist0137/
 */
export const targetPorts = memo((objects: readonly ServiceObject[]): readonly Finding[] => {
  const first = new Map<string, { readonly object: ServiceObject; readonly port: number }>();
  return objects.toSorted(byLabelsThenName).flatMap((object) => {
    const { selector } = object.spec;
    if (!selector) return [];
    return object.spec.ports.flatMap(({ port, targetPort, protocol }, i): Finding[] => {
      if (protocol !== "TCP") return [];
      const keyOf = (labels: string) => JSON.stringify([object.metadata.namespace, targetPort, labels]);
      const keys = widerSelectors(selector).map(keyOf);
      const other = keys.map((key) => first.get(key)).find((one) => one !== undefined && one.port !== port);
      const own = keyOf(nameOf(selector));
      if (!first.has(own)) first.set(own, { object, port });
      if (!other) return [];
      const message = `port ${targetPort} of the same pods is port ${other.port} of Service ${other.object.metadata.name}: their sidecar serves both alike, under one name`;
      const hint = "use one number, where the port's name is to tell them apart";
      return [
        { code: codes.portsOfOneTarget, object, path: ["spec", "ports", i, "port"], message, hint, level: "info" },
      ];
    });
  });
});

const mostLabels = 5;

/** A selector and those that ask for less, which select its pods too. One of very many labels stands for itself. */
function widerSelectors(selector: Labels): readonly string[] {
  const labels = sorted(selector);
  if (labels.length > mostLabels) return [nameOf(selector)];
  const found: string[] = [];
  for (let chosen = 1; chosen < 2 ** labels.length; chosen++)
    found.push(JSON.stringify(labels.filter((_, i) => (chosen & (1 << i)) !== 0)));
  return found;
}

function nameOf(selector: Labels): string {
  return JSON.stringify(sorted(selector));
}

function sorted(labels: Labels): readonly (readonly [string, string])[] {
  return Object.entries(labels).sort(([a], [b]) => byCodeUnit(a, b));
}

/** Who asks for less first: the others then find it. */
function byLabelsThenName(a: ServiceObject, b: ServiceObject): number {
  const count = ({ spec }: ServiceObject): number => Object.keys(spec.selector ?? {}).length;
  return count(a) - count(b) || byCodeUnit(a.metadata.name, b.metadata.name);
}
