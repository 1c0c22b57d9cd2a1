import { codes } from "../codes.ts";
import type { MetadataFault } from "./fault.ts";

type Labels = Readonly<Record<string, string>>;

/** What a label of Istio's on these kinds does not do here: why, for values that mean something. */
interface LabelRule {
  readonly label: string;
  readonly on: readonly string[];
  readonly when: (value: string) => boolean;
  readonly why: string;
  readonly hint?: string;
}

const oneOf =
  (...values: readonly string[]) =>
  (value: string): boolean =>
    !values.includes(value);
const always = (): boolean => true;
const meshed = ["Namespace", "Pod", "Service", "ServiceEntry", "WorkloadEntry"];
const injection = {
  on: ["Namespace"],
  when: oneOf("enabled", "disabled"),
  why: "is as if it were not there",
  hint: "write enabled or disabled",
};

/** https://istio.io/latest/docs/reference/config/labels/ */
const rules: readonly LabelRule[] = [
  { label: "istio-injection", ...injection },
  { label: "heddle-injection", ...injection },
  {
    label: "sidecar.istio.io/inject",
    on: ["Pod"],
    when: oneOf("true", "false"),
    why: "is as if it were not there",
    hint: 'write "true" or "false"',
  },
  {
    label: "sidecar.istio.io/inject",
    on: ["Namespace"],
    when: always,
    why: "is for pods, and changes nothing on a Namespace",
    hint: "write istio-injection: enabled or disabled",
  },
  {
    label: "istio.io/dataplane-mode",
    on: meshed,
    when: oneOf("none", ""),
    why: "there is no ambient mode here: it changes nothing",
    hint: "label the namespace istio-injection: enabled",
  },
  {
    label: "istio.io/use-waypoint",
    on: meshed,
    when: oneOf("none", ""),
    why: "there are no waypoints here: it changes nothing",
  },
  {
    label: "networking.istio.io/enable-autoallocate-ip",
    on: ["ServiceEntry"],
    when: oneOf("true"),
    why: "changes nothing: hosts without addresses get one wherever the proxy answers the workload's DNS",
    hint: "write addresses to choose them",
  },
  { label: "istio.io/global", on: ["Service"], when: always, why: "changes nothing: there is one cluster" },
];

/** The labels that one of the rules is about, or that mean something here. */
export const istioLabels: ReadonlySet<string> = new Set([
  ...rules.map(({ label }) => label),
  "istio.io/rev",
  "security.istio.io/tlsMode",
  "service.istio.io/canonical-name",
  "service.istio.io/canonical-revision",
  "topology.istio.io/subzone",
  "topology.istio.io/network",
  "networking.istio.io/gatewayPort",
  "experimental.istio.io/disable-gateway-port-translation",
]);

/** Labels of Istio's that do not do what their writer means. */
export function faultsOfLabels(kind: string, labels: Labels): readonly MetadataFault[] {
  return rules.flatMap(({ label, on, when, why, hint }): MetadataFault[] => {
    const value = labels[label];
    if (value === undefined || !on.includes(kind) || !when(value)) return [];
    const message = why;
    return [{ code: codes.label, level: "warning", name: label, message, ...(hint !== undefined && { hint }) }];
  });
}
