import type { Locality } from "./types.ts";

/** Who calls, by its verified credential, and what it says of itself. */
export interface ProxyClaim {
  readonly identity: {
    readonly namespace: string;
    readonly serviceAccount: string;
    /** The one workload that the credential is bound to, where it is. */
    readonly workload?: string;
  };
  readonly node: NodeClaim;
}

/** What Envoy's node says; whoever holds any credential may write anything here. */
export interface NodeClaim {
  readonly id: string; // Istio's form: sidecar~IP~name.namespace~namespace.svc.domain
  readonly name?: string; // these win over the metadata, and the metadata over the id
  readonly namespace?: string;
  readonly serviceAccount?: string;
  readonly addresses?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly locality?: Locality;
  readonly metadata: Readonly<Record<string, unknown>>; // as Istio's agent writes it: NAMESPACE, NAME, SERVICE_ACCOUNT, LABELS, INSTANCE_IPS
}
