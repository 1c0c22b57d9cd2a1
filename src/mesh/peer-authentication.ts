import type { MeshObject } from "../model/index.ts";
import { selects, type Labels } from "./labels.ts";
import { ofKind, type ObjectIndex } from "./objects.ts";
import { groupBy, keepMap } from "./sharing.ts";
import type { MeshSettings, MtlsMode } from "./types.ts";

type Policy = MeshObject<"PeerAuthentication">;

/** The same object while no PeerAuthentication changes; `modes` the same while no namespace's mode does. */
export interface PeerAuthenticationIndex {
  readonly inputs: readonly [settings: MeshSettings, objects: readonly Policy[]];
  readonly byNamespace: ReadonlyMap<string, readonly Policy[]>;
  readonly modes: ReadonlyMap<string, MtlsMode>; // of namespaces that say something else than the mesh; "" is the mesh
}

export function buildPeerAuthentications(
  objects: ObjectIndex,
  settings: MeshSettings,
  previous?: PeerAuthenticationIndex,
): PeerAuthenticationIndex {
  const inputs = [settings, ofKind(objects, "PeerAuthentication")] as const;
  if (previous?.inputs[0] === settings && previous.inputs[1] === inputs[1]) return previous;
  const byNamespace = groupBy(inputs[1], (policy) => policy.metadata.namespace, previous?.byNamespace);
  const mesh = modeOf(forNamespace(byNamespace, settings.rootNamespace)?.spec) ?? "PERMISSIVE";
  const modes = new Map<string, MtlsMode>([["", mesh]]);
  for (const namespace of [...byNamespace.keys()].sort()) {
    const mode = modeOf(forNamespace(byNamespace, namespace)?.spec);
    if (mode !== undefined && mode !== mesh) modes.set(namespace, mode);
  }
  return { inputs, byNamespace, modes: keepMap(previous?.modes, modes) };
}

/** The mode of a namespace by its own policy, else the mesh's: all that clients can infer of a server, as in Istio's auto mTLS. */
function namespaceMode(index: PeerAuthenticationIndex, namespace: string): MtlsMode {
  return index.modes.get(namespace) ?? index.modes.get("") ?? "PERMISSIVE";
}

/** What decides for one workload. */
export interface WorkloadMtls {
  readonly mode: MtlsMode;
  readonly ports: ReadonlyMap<number, MtlsMode>; // by port of the workload
  readonly policies: readonly Policy[]; // that decided: mesh, namespace, workload
}

/**
 * Workload policy over namespace over mesh, the oldest of each; UNSET inherits, nothing at all is PERMISSIVE. Ports are the
 * workload's own, and only the workload policy may name them.
 * https://istio.io/latest/docs/reference/config/security/peer_authentication/
 */
export function workloadMtls(index: PeerAuthenticationIndex, namespace: string, labels: Labels): WorkloadMtls {
  const { rootNamespace } = index.inputs[0];
  const inherited = namespaceMode(index, namespace);
  const isRoot = namespace === rootNamespace;
  const candidates = index.byNamespace.get(namespace) ?? [];
  const own = isRoot ? undefined : candidates.find((policy) => isFor(policy, labels));
  const mode = modeOf(own?.spec) ?? inherited;
  const ports = new Map<number, MtlsMode>();
  for (const [port, mtls] of Object.entries(own?.spec.portLevelMtls ?? {})) {
    ports.set(Number(port), modeOf({ mtls }) ?? mode);
  }
  const mesh = forNamespace(index.byNamespace, rootNamespace);
  const ofNamespace = isRoot ? undefined : forNamespace(index.byNamespace, namespace);
  return { mode, ports, policies: [mesh, ofNamespace, own].filter((policy) => policy !== undefined) };
}

function selectorOf(policy: Policy): Labels | undefined {
  const labels = policy.spec.selector?.matchLabels;
  return labels && Object.keys(labels).length > 0 ? labels : undefined;
}

function isFor(policy: Policy, labels: Labels): boolean {
  const selector = selectorOf(policy);
  return selector !== undefined && selects(selector, labels);
}

/** The oldest policy of a namespace without a selector. */
function forNamespace(byNamespace: ReadonlyMap<string, readonly Policy[]>, namespace: string): Policy | undefined {
  return byNamespace.get(namespace)?.find((policy) => !selectorOf(policy));
}

function modeOf(spec: Pick<Policy["spec"], "mtls"> | undefined): MtlsMode | undefined {
  const mode = spec?.mtls?.mode;
  return mode === "UNSET" ? undefined : mode;
}
