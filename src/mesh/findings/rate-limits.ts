import { memo3 } from "../../lib/index.ts";
import { isGatewayPod, type MeshObject } from "../../model/index.ts";
import { rateLimitService } from "../rate-limit.ts";
import { servicesByHost } from "../registry.ts";
import type { Workload } from "../snapshot-types.ts";
import type { MeshSettings, Service } from "../types.ts";
import { noWorkloads, selectedWorkloads, type WorkloadIndex } from "../workload.ts";
import { codes, type Finding } from "./finding.ts";

type RateLimit = MeshObject<"RateLimit">;

/** RateLimits whose selector finds nobody, in the root namespace in the whole mesh, and rules for routes of gateways where there is none. */
export const rateLimitsOfNobody = memo3(
  (
    { byNamespace }: WorkloadIndex,
    { rootNamespace }: MeshSettings,
    objects: readonly RateLimit[],
  ): readonly Finding[] =>
    objects.flatMap((object): Finding[] => {
      const { namespace } = object.metadata;
      const isOfMesh = namespace === rootNamespace;
      const spaces = isOfMesh ? [...byNamespace.values()] : [byNamespace.get(namespace) ?? noWorkloads];
      const all = spaces.flat();
      if (all.length === 0 || object.spec.targetRefs?.length) return []; // elsewhere they may be yet to come
      const labels = object.spec.selector?.matchLabels;
      const isSelecting = Object.keys(labels ?? {}).length > 0;
      const selected = isSelecting ? spaces.flatMap((workloads) => selectedWorkloads(workloads, labels)) : all;
      if (selected.length > 0) return withoutRoutes(object, selected);
      const message = `no workload of ${isOfMesh ? "the mesh" : `namespace ${namespace}`} has these labels`;
      return [{ code: codes.noWorkload, object, path: ["spec", "selector"], message }];
    }),
);

function withoutRoutes(object: RateLimit, selected: readonly Workload[]): Finding[] {
  // A WorkloadEntry does not say what it is.
  if (selected.some((one) => one.object.kind !== "Pod" || isGatewayPod(one.object.metadata.annotations))) return [];
  return object.spec.rules.flatMap(({ match }, index): Finding[] => {
    if (match?.route === undefined) return [];
    const message = "routes have names at gateways, and no gateway is selected: the rule limits nothing";
    const path = ["spec", "rules", index, "match", "route"];
    return [{ code: codes.ignoredPolicy, object, path, message, hint: "match by uri" }];
  });
}

/** Global RateLimits whose service is not there, or not one that can be asked: the proxies do then as failureMode says. */
export const rateLimitServices = memo3(
  (services: readonly Service[], { domain }: MeshSettings, objects: readonly RateLimit[]): readonly Finding[] =>
    objects.flatMap((object): Finding[] => {
      const named = rateLimitService(object, domain);
      if (!named) return [];
      const path = ["spec", "global", "service"];
      const [service] = servicesByHost(services).get(named.host) ?? [];
      if (!service) {
        const message = `there is no service ${named.host}: every request is treated as failureMode says`;
        return [{ code: codes.missingReference, object, path, message }];
      }
      const port = service.ports.find(({ number }) => number === named.port);
      if (!port) {
        const hint = `its ports are ${service.ports.map(({ number }) => number).join(", ")}`;
        return [{ code: codes.missingPort, object, path, message: `${named.host} has no port ${named.port}`, hint }];
      }
      if (port.protocol === "GRPC" || port.protocol === "HTTP2") return [];
      const message = `${named.host} does not say that port ${named.port} speaks gRPC: it cannot be asked`;
      return [{ code: codes.notGrpc, object, path, message, hint: "name the port grpc, or grpc-something" }];
    }),
);
