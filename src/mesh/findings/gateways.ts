import { byCodeUnit, memo, memo2, memo3 } from "../../lib/index.ts";
import type { MeshObject } from "../../model/index.ts";
import { credentialsFor, secretsByName } from "../gateway/credentials.ts";
import { mergeServers } from "../gateway/merge.ts";
import type { Workload } from "../snapshot-types.ts";
import { selectedWorkloads, type WorkloadIndex } from "../workload.ts";
import { codes, type Finding } from "./finding.ts";

type Gateway = MeshObject<"Gateway">;

/** Gateways that select no workload, told where pods are known at all: outside a cluster a gateway may be anybody with these labels. */
export const gatewaysOfNobody = memo2((workloads: WorkloadIndex, gateways: readonly Gateway[]): readonly Finding[] => {
  if (workloads.inputs[0].length === 0) return [];
  return gateways.flatMap((object): Finding[] => {
    if (Object.keys(object.spec.selector ?? {}).length === 0 || selectedBy(workloads, object).length > 0) return [];
    const message = `no workload of the mesh has the labels ${labelsOf(object)}: nothing serves this Gateway`;
    return [{ code: codes.missingReference, object, path: ["spec", "selector"], message }];
  });
});

function labelsOf({ spec }: Gateway): string {
  return Object.entries(spec.selector ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(", ");
}

/** The workloads of any namespace that a Gateway selects. */
export function selectedBy({ byNamespace }: WorkloadIndex, { spec }: Gateway): readonly Workload[] {
  return [...byNamespace.values()].flatMap((workloads) => selectedWorkloads(workloads, spec.selector));
}

/**
 * Certificates that are not where the gateway that should show them may read them: its server is not served. The gateway's workload says
 * the namespace; to a proxy that is no Pod or WorkloadEntry of the mesh no Secret is given at all. https://istio.io/latest/docs/tasks/traffic-management/ingress/secure-ingress/
 */
export const missingCredentials = memo3(
  (
    workloads: WorkloadIndex,
    secrets: readonly MeshObject<"Secret">[],
    gateways: readonly Gateway[],
  ): readonly Finding[] =>
    gateways.filter(needsSecret).flatMap((object): Finding[] => {
      const namespaces = [...new Set(selectedBy(workloads, object).map(({ namespace }) => namespace))].sort();
      if (namespaces.length === 0) return workloads.inputs[0].length === 0 ? credentialsOfNobody(object) : [];
      const known = secretsByName(secrets);
      return (object.spec.servers ?? []).flatMap(({ tls }, i): Finding[] => {
        for (const own of namespaces) {
          const { fault } = credentialsFor(tls, own, (namespace, name) => known.get(`${namespace}/${name}`));
          if (!fault) continue;
          const path = ["spec", "servers", i, "tls", fault.field];
          const message = `${fault.message}: this server is not served`;
          return [{ code: fault.isThere ? codes.unusableCredential : codes.missingReference, object, path, message }];
        }
        return [];
      });
    }),
);

/** Where no workload is known at all they may be elsewhere; a gateway that is there tells of each server that it does not serve. */
function credentialsOfNobody(object: Gateway): Finding[] {
  const message = `no Pod or WorkloadEntry has the labels ${labelsOf(object)}, and no other proxy is given a Secret: without one this server is not served`;
  return (object.spec.servers ?? []).flatMap(({ tls }, i): Finding[] => {
    const { fault } = credentialsFor(tls, "", () => undefined);
    return fault
      ? [
          {
            code: codes.missingReference,
            object,
            path: ["spec", "servers", i, "tls", fault.field],
            message,
            level: "info",
          },
        ]
      : [];
  });
}

const needsSecret = memo(({ spec }: Gateway): boolean =>
  (spec.servers ?? []).some(
    ({ tls }) => tls?.credentialName || tls?.credentialNames?.length || tls?.caCertCredentialName,
  ),
);

/** Servers that other servers of the same gateway leave no room for: https://istio.io/latest/docs/reference/config/analysis/ist0145/ */
export const gatewayConflicts = memo((gateways: readonly Gateway[]): readonly Finding[] =>
  [...Map.groupBy(gateways, selectorOf).values()].flatMap((group) =>
    mergeServers(group, (written) => written).conflicts.map(({ server, message }): Finding => {
      const path = ["spec", "servers", server.index, "port"];
      return { code: codes.gatewayConflict, object: server.object, path, message };
    }),
  ),
);

function selectorOf({ spec }: Gateway): string {
  return JSON.stringify(Object.entries(spec.selector ?? {}).sort(([a], [b]) => byCodeUnit(a, b)));
}
