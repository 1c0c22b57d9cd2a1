import { memo } from "../../lib/index.ts";
import { isGatewayPod, type MeshObject } from "../../model/index.ts";
import { clientSecretNames, credentialTlsOf } from "../client-credentials.ts";
import { exportToFor, isVisible } from "../export.ts";
import { selects, type Labels } from "../labels.ts";
import { secretNames } from "./credentials.ts";

/** A workload that may be a gateway. */
interface Candidate {
  readonly namespace: string;
  readonly labels: Labels;
  /** It says by annotation that it is one. */
  readonly isSaid: boolean;
}

/**
 * The Secrets that proxies of the mesh need, each as `namespace/name`, sorted, no matter whether they are there: those that a Gateway
 * names and that lie in the namespace of a workload which it selects, and those that a DestinationRule names for workloads it selects or
 * for gateways. No other Secret has to be read, nor may be.
 */
export const wantedSecrets = memo((objects: readonly MeshObject[]): readonly string[] => {
  const gateways = objects.flatMap((object) => {
    const uses = object.kind === "Gateway" ? (object.spec.servers ?? []).flatMap(({ tls }) => tls ?? []) : [];
    const names = (own: string): string[] => uses.flatMap((tls) => secretNames(tls, own));
    return object.kind === "Gateway" && uses.length > 0 ? [{ selector: object.spec.selector ?? {}, names }] : [];
  });
  const rules = objects
    .filter((object) => object.kind === "DestinationRule")
    .filter((rule) => credentialTlsOf(rule).length > 0);
  if (gateways.length + rules.length === 0) return none;
  const candidates = candidatesIn(objects);
  const wanted = gateways.flatMap(({ selector, names }) => {
    // A Gateway that selects everything means gateways, and not each pod of the cluster.
    const isOpen = Object.keys(selector).length === 0;
    const selected = candidates.filter(({ labels, isSaid }) => (isOpen ? isSaid : selects(selector, labels)));
    return [...new Set(selected.map(({ namespace }) => namespace))].flatMap((namespace) =>
      names(namespace).map((name) => `${namespace}/${name}`),
    );
  });
  const fronts = candidates.filter(
    ({ labels, isSaid }) => isSaid || gateways.some(({ selector }) => isNarrow(selector) && selects(selector, labels)),
  );
  return Object.freeze([...new Set([...wanted, ...rules.flatMap((rule) => namedBy(rule, candidates, fronts))])].sort());
});

const isNarrow = (selector: Labels): boolean => Object.keys(selector).length > 0;

/** Those of a DestinationRule: in its own namespace for the workloads it selects, else in each namespace of a gateway that may see it. */
function namedBy(
  rule: MeshObject<"DestinationRule">,
  candidates: readonly Candidate[],
  gateways: readonly Candidate[],
): readonly string[] {
  const { metadata, spec } = rule;
  const selector = spec.workloadSelector?.matchLabels;
  const readers = selector
    ? candidates.filter(({ namespace, labels }) => namespace === metadata.namespace && selects(selector, labels))
    : gateways.filter(({ namespace }) =>
        isVisible(exportToFor(spec.exportTo, undefined), metadata.namespace, namespace),
      );
  return [...new Set(readers.map(({ namespace }) => namespace))].flatMap((namespace) =>
    credentialTlsOf(rule).flatMap((tls) => clientSecretNames(tls, namespace).map((name) => `${namespace}/${name}`)),
  );
}

const none: readonly string[] = Object.freeze([]);

function candidatesIn(objects: readonly MeshObject[]): readonly Candidate[] {
  return objects.flatMap((object): Candidate[] => {
    const { namespace, labels, annotations } = object.metadata;
    if (object.kind === "Pod") return [{ namespace, labels, isSaid: isGatewayPod(annotations) }];
    if (object.kind !== "WorkloadEntry") return [];
    return [{ namespace, labels: { ...labels, ...object.spec.labels }, isSaid: false }];
  });
}
