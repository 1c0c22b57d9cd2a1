/** As much of a Pod as the tests look at. https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/ */
export interface Pod {
  readonly metadata: { readonly name: string; readonly creationTimestamp: string; readonly deletionTimestamp?: string };
  readonly spec: {
    readonly containers: readonly Container[];
    readonly initContainers?: readonly Container[];
  };
  readonly status: {
    readonly phase: string;
    readonly podIP?: string;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly lastTransitionTime: string;
    }[];
    readonly containerStatuses?: readonly {
      readonly name: string;
      readonly restartCount: number;
      readonly state?: { readonly running?: { readonly startedAt: string } };
    }[];
    readonly initContainerStatuses?: readonly { readonly name: string; readonly restartCount: number }[];
  };
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly restartPolicy?: string;
}

export interface List<T> {
  readonly items: readonly T[];
}

/** Whether the pod serves, and nobody has asked it to go. */
export function isReady({ metadata, status }: Pod): boolean {
  const ready = status.conditions?.find(({ type }) => type === "Ready")?.status === "True";
  return ready && metadata.deletionTimestamp === undefined;
}
