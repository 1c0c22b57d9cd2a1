import type { ApiAnswer, KubernetesApi } from "./api.ts";
import { at, textAt, type Json } from "./json.ts";
import { expected } from "./refusal.ts";

/** Where a Lease is. */
export interface LeasePlace {
  readonly namespace: string;
  readonly name: string;
}

/** A Lease as it was read; `raw` is sent back whole, so that nothing others wrote is lost. */
export interface Lease {
  readonly holder: string; // "" for none
  readonly durationMs: number;
  readonly acquireTime: string;
  readonly renewTime: string;
  readonly transitions: number;
  readonly raw: Json;
}

/** https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/lease-v1/#LeaseSpec */
export interface LeaseSpec {
  readonly holderIdentity: string;
  readonly leaseDurationSeconds: number;
  readonly acquireTime: string;
  readonly renewTime: string;
  readonly leaseTransitions: number;
}

const group = "/apis/coordination.k8s.io/v1";
const listPath = ({ namespace }: LeasePlace): string => `${group}/namespaces/${namespace}/leases`;

/** The lease, or undefined where there is none. */
export async function readLease(api: KubernetesApi, place: LeasePlace): Promise<Lease | undefined> {
  const answer = await api.call({ method: "GET", path: `${listPath(place)}/${place.name}` });
  if (answer.status === 404) return undefined;
  const raw = expected(answer, 200) as Json;
  const seconds = at(raw, "spec", "leaseDurationSeconds");
  const transitions = at(raw, "spec", "leaseTransitions");
  return {
    holder: textAt(raw, "spec", "holderIdentity") ?? "",
    durationMs: typeof seconds === "number" ? seconds * 1000 : 0,
    acquireTime: textAt(raw, "spec", "acquireTime") ?? "",
    renewTime: textAt(raw, "spec", "renewTime") ?? "",
    transitions: typeof transitions === "number" ? transitions : 0,
    raw,
  };
}

/** False where somebody else made it first. */
export async function createLease(api: KubernetesApi, place: LeasePlace, spec: LeaseSpec): Promise<boolean> {
  const { namespace, name } = place;
  const body = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { namespace, name }, spec };
  return isWritten(await api.call({ method: "POST", path: listPath(place), body }));
}

/** False where somebody else has written it since it was read: its resourceVersion decides. */
export async function replaceLease(
  api: KubernetesApi,
  place: LeasePlace,
  read: Lease,
  spec: LeaseSpec,
): Promise<boolean> {
  const body = { ...read.raw, spec: { ...(at(read.raw, "spec") as Json | undefined), ...spec } };
  return isWritten(await api.call({ method: "PUT", path: `${listPath(place)}/${place.name}`, body }));
}

function isWritten(answer: ApiAnswer): boolean {
  if (answer.status === 409) return false;
  expected(answer, 200, 201);
  return true;
}
