import { memo } from "../../lib/index.ts";
import { isGatewayPod, type MeshObject } from "../../model/index.ts";
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
 * The Secrets that gateways of the mesh need, each as `namespace/name`, sorted, no matter whether they are there: those that a Gateway
 * names and that lie in the namespace of a workload which it selects. No other Secret has to be read, nor may be.
 */
export const wantedSecrets = memo((objects: readonly MeshObject[]): readonly string[] => {
  const gateways = objects.flatMap((object) => {
    const uses = object.kind === "Gateway" ? (object.spec.servers ?? []).flatMap(({ tls }) => tls ?? []) : [];
    const names = (own: string): string[] => uses.flatMap((tls) => secretNames(tls, own));
    return object.kind === "Gateway" && uses.length > 0 ? [{ selector: object.spec.selector ?? {}, names }] : [];
  });
  if (gateways.length === 0) return none;
  const candidates = candidatesIn(objects);
  const wanted = gateways.flatMap(({ selector, names }) => {
    // A Gateway that selects everything means gateways, and not each pod of the cluster.
    const isOpen = Object.keys(selector).length === 0;
    const selected = candidates.filter(({ labels, isSaid }) => (isOpen ? isSaid : selects(selector, labels)));
    return [...new Set(selected.map(({ namespace }) => namespace))].flatMap((namespace) =>
      names(namespace).map((name) => `${namespace}/${name}`),
    );
  });
  return Object.freeze([...new Set(wanted)].sort());
});

const none: readonly string[] = Object.freeze([]);

function candidatesIn(objects: readonly MeshObject[]): readonly Candidate[] {
  return objects.flatMap((object): Candidate[] => {
    const { namespace, labels, annotations } = object.metadata;
    if (object.kind === "Pod") return [{ namespace, labels, isSaid: isGatewayPod(annotations) }];
    if (object.kind !== "WorkloadEntry") return [];
    return [{ namespace, labels: { ...labels, ...object.spec.labels }, isSaid: false }];
  });
}
