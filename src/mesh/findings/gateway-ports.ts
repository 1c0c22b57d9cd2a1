import { memo, memo3 } from "../../lib/index.ts";
import type { MeshObject } from "../../model/index.ts";
import { selects } from "../labels.ts";
import { groupBy } from "../sharing.ts";
import type { Workload } from "../snapshot-types.ts";
import type { WorkloadIndex } from "../workload.ts";
import { codes, type Finding } from "./finding.ts";
import { selectedBy } from "./gateways.ts";

type ServiceObject = MeshObject<"Service">;

/**
 * Ports of Gateways that no Service of the gateway's pods leads to: who comes by the Service does not reach them. A gateway without any
 * Service is reached at its own address. https://istio.io/latest/docs/reference/config/analysis/ist0162/
 */
export const gatewayPorts = memo3(
  (
    workloads: WorkloadIndex,
    services: readonly ServiceObject[],
    gateways: readonly MeshObject<"Gateway">[],
  ): readonly Finding[] =>
    gateways.flatMap((object) => {
      const open = openPorts(selectedBy(workloads, object), byNamespace(services));
      if (open.size === 0) return [];
      return (object.spec.servers ?? []).flatMap(({ port, bind = "" }, i): Finding[] => {
        if (port.number === 0 || bind !== "" || open.has(port.number)) return [];
        const message = `no Service of the gateway's pods has port ${port.number}: it is reached at their own addresses only`;
        const hint = `their Services' ports are ${[...open].sort((a, b) => a - b).join(", ")}`;
        const path = ["spec", "servers", i, "port", "number"];
        return [{ code: codes.portNotOnService, object, path, message, hint }];
      });
    }),
);

const byNamespace = memo((services: readonly ServiceObject[]) =>
  groupBy(services, ({ metadata }) => metadata.namespace),
);

/** What the Services of some pods lead to, by the Service's number and the pod's: a Gateway may name either. */
function openPorts(
  workloads: readonly Workload[],
  services: ReadonlyMap<string, readonly ServiceObject[]>,
): ReadonlySet<number> {
  const open = new Set<number>();
  for (const workload of workloads) {
    for (const { spec } of services.get(workload.namespace) ?? []) {
      if (!spec.selector || !selects(spec.selector, workload.labels)) continue;
      for (const { port, targetPort, protocol } of spec.ports) {
        if (protocol !== "TCP") continue;
        const target = typeof targetPort === "number" ? targetPort : namedPort(workload, targetPort);
        open.add(port);
        if (target !== undefined) open.add(target);
      }
    }
  }
  return open;
}

function namedPort({ object }: Workload, name: string): number | undefined {
  return object.kind === "Pod" ? object.spec.containerPorts.find((port) => port.name === name)?.port : undefined;
}
