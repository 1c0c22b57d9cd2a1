import { formatRight, missingRights, type KubernetesApi, type Right } from "../../cluster/index.ts";
import { systemClock, type Log } from "../../lib/index.ts";
import { kinds } from "../../model/index.ts";

const againMs = 15_000;

/** Rights that were found missing. */
export interface RightsWatch {
  /** A line for each, as of the last look. */
  readonly missing: () => readonly string[];
  readonly stop: () => void;
}

/** Asks the API server whether we may do all that we are going to do, and again while we may not: a 403 in the middle of things says less. */
export function watchRights(api: KubernetesApi, namespace: string, log: Log): RightsWatch {
  const rights = neededRights(namespace);
  let missing: readonly string[] = [];
  let cancel = (): void => undefined;
  let isStopped = false;
  const look = async (): Promise<void> => {
    const found = (await missingRights(api, rights)).map(formatRight);
    if (found.join() !== missing.join()) {
      if (found.length > 0) log.error({ missing: found }, "rights are missing: see manifests/install/access.yaml");
      else log.info("no right is missing any more");
    }
    missing = found;
  };
  const run = async (): Promise<void> => {
    const isAsked = await look().then(
      () => true,
      (error: unknown) => {
        log.debug({ err: error }, "the API server cannot be asked which rights we have");
        return false;
      },
    );
    if (!isStopped && (missing.length > 0 || !isAsked)) cancel = systemClock.after(againMs, () => void run());
  };
  void run();
  return {
    missing: () => missing,
    stop: () => {
      isStopped = true;
      cancel();
    },
  };
}

const admission = "admissionregistration.k8s.io";

/** Istio's groups, and ours. */
const isPolicyGroup = (group: string): boolean => group.endsWith(".istio.io") || group === "heddle.io";

/** What manifests/install/access.yaml grants: what the source reads, and what the leader writes. */
function neededRights(namespace: string): readonly Right[] {
  const all = (verbs: readonly string[], right: Omit<Right, "verb">): Right[] =>
    verbs.map((verb) => ({ verb, ...right }));
  const read = (group: string, resources: readonly string[]): Right[] =>
    resources.flatMap((resource) => all(["list", "watch"], { group, resource }));
  const policy = kinds.flatMap(({ kind, apiVersions: [version = ""] }) => {
    const [group = ""] = version.split("/");
    return isPolicyGroup(group) && kind !== "MeshConfig" ? [{ group, resource: pluralOf(kind) }] : [];
  });
  return [
    ...read("", ["services", "pods", "namespaces", "nodes"]),
    ...read("discovery.k8s.io", ["endpointslices"]),
    ...policy.flatMap(({ group, resource }) => read(group, [resource])),
    ...policy.flatMap(({ group, resource }) => all(["patch"], { group, resource: `${resource}/status` })),
    ...all(["get", "create", "update", "delete"], { group: "networking.istio.io", resource: "workloadentries" }),
    ...all(["create"], { group: "", resource: "events" }),
    ...all(["create"], { group: "authentication.k8s.io", resource: "tokenreviews" }),
    ...all(["create"], { group: "", resource: "configmaps" }),
    ...all(["list", "patch"], { group: "", resource: "configmaps", name: "heddle-ca-root-cert" }),
    ...all(["get", "patch"], { group: admission, resource: "mutatingwebhookconfigurations", name: "heddle-injector" }),
    ...all(["get", "patch"], {
      group: admission,
      resource: "validatingwebhookconfigurations",
      name: "heddle-validator",
    }),
    ...all(["get", "list", "watch"], { group: "", resource: "configmaps", name: "heddle", namespace }),
    ...all(["get", "patch"], { group: "", resource: "configmaps", name: "heddle-live", namespace }),
    ...all(["create"], { group: "coordination.k8s.io", resource: "leases", namespace }),
    ...all(["get", "update"], { group: "coordination.k8s.io", resource: "leases", name: "heddle-leader", namespace }),
    ...all(["create"], { group: "", resource: "secrets", namespace }),
    ...all(["get"], { group: "", resource: "secrets", name: "heddle-ca", namespace }),
  ];
}

/** `authorizationpolicies`, `gateways`, `sidecars`: how the CRDs of manifests/crds are called. */
function pluralOf(kind: string): string {
  const word = kind.toLowerCase();
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`;
  return `${word}s`;
}
