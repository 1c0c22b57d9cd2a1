import { memo2 } from "../../lib/index.ts";
import type { MeshObject } from "../../model/index.ts";
import { commonHosts, hostsOpenTo } from "../gateway/hosts.ts";
import type { ResolvedVirtualService } from "../virtual-service.ts";
import { codes, type Finding } from "./finding.ts";
import { gatewaysByName } from "./gateway-routes.ts";
import { someoneSeesBoth } from "./virtual-service-hosts.ts";

type Gateway = MeshObject<"Gateway">;

/**
 * VirtualServices of which an older one has a rule for everything, for the same host at the same Gateway: there the rules of both are joined,
 * those for everything last, so that the younger one's is never reached.
 */
export const secondCatchAlls = memo2(
  (gateways: readonly Gateway[], all: readonly ResolvedVirtualService[]): readonly Finding[] => {
    const owners = new Map<string, ResolvedVirtualService[]>(); // by gateway and host
    const atGateways = all.filter((rule) => rule.gateways.length > 0);
    return atGateways.flatMap((rule): Finding[] => {
      const own = rule.http.find(({ rule: { match = [] } }) => match.length === 0);
      if (!own) return [];
      let first: { readonly by: ResolvedVirtualService; readonly where: string } | undefined;
      for (const { gateway, host } of placesOf(gatewaysByName(gateways), rule)) {
        const key = `${gateway} ${host}`;
        const earlier = owners.get(key) ?? [];
        // A wildcard that gives way to who names the host is meant so.
        const by = rule.hosts.includes(host) && earlier.find((other) => someoneSeesBoth(other, rule));
        if (by) first ??= { by, where: `the host ${host} at Gateway ${gateway}` };
        if (earlier.length < mostCompared) owners.set(key, [...earlier, rule]);
      }
      if (!first) return [];
      const { namespace, name } = first.by.object.metadata;
      const message = `VirtualService ${namespace}/${name}, which comes first, has a rule for everything else of ${first.where}: this one is never reached there`;
      return [{ code: codes.unreachableRule, object: rule.object, path: ["spec", "http", own.index], message }];
    });
  },
);

const mostCompared = 100;

/** The Gateways that take a VirtualService, with the hosts that they take of it. */
function placesOf(byName: ReadonlyMap<string, Gateway>, { gateways, hosts, namespace }: ResolvedVirtualService) {
  return gateways.flatMap((gateway) => {
    const { spec, metadata } = byName.get(gateway) ?? {};
    if (!spec || !metadata) return [];
    const open = (spec.servers ?? []).flatMap((one) => hostsOpenTo(one.hosts, metadata.namespace, namespace));
    return commonHosts(open, hosts).map((host) => ({ gateway, host }));
  });
}
