import { memo, memo2 } from "../../lib/index.ts";
import type { MeshObject } from "../../model/index.ts";
import { gatewayNames } from "../gateway/name.ts";
import { resolveShortName } from "../host.ts";
import type { MeshSettings } from "../types.ts";
import { codes, type Finding } from "./finding.ts";

type RuleObject = MeshObject<"VirtualService">;

/**
 * Routes of gateways to all of a host for which sidecars have rules that choose subsets, say of a canary: what comes in by the gateway
 * passes those by. https://istio.io/latest/docs/reference/config/analysis/ist0140/
 */
export const subsetsPassedBy = memo2((settings: MeshSettings, objects: readonly RuleObject[]): readonly Finding[] => {
  const ofGateways = objects.filter((object) => !isForSidecars(object));
  if (ofGateways.length === 0) return [];
  const chosen = new Map<string, RuleObject>();
  for (const object of objects.filter(isForSidecars)) {
    for (const host of chosenHosts(settings, object)) if (!chosen.has(host)) chosen.set(host, object);
  }
  return ofGateways.flatMap((object) => ofObject(settings, chosen, object));
});

/** The hosts of a rule for which it chooses subsets. */
const chosenHosts = memo2((settings: MeshSettings, object: RuleObject): readonly string[] => {
  const own = new Set((object.spec.hosts ?? []).map((host) => hostOf(settings, object, host)));
  const routes = (object.spec.http ?? []).flatMap(({ route = [] }) => route);
  const hosts = routes.flatMap(({ destination: { host, subset } }) => (subset ? hostOf(settings, object, host) : []));
  return hosts.filter((host) => own.has(host));
});

const isForSidecars = memo(({ spec, metadata }: RuleObject): boolean => {
  const names = gatewayNames(spec.gateways, metadata.namespace);
  return names.length === 0 || names.includes("mesh");
});

function ofObject(settings: MeshSettings, chosen: ReadonlyMap<string, RuleObject>, object: RuleObject): Finding[] {
  return (object.spec.http ?? []).flatMap(({ route = [] }, i) =>
    route.flatMap(({ destination }, j): Finding[] => {
      const host = hostOf(settings, object, destination.host);
      const rules = destination.subset ? undefined : chosen.get(host)?.metadata;
      if (!rules) return [];
      return [
        {
          code: codes.subsetsPassedBy,
          level: "info",
          object,
          path: ["spec", "http", i, "route", j, "destination"],
          message: `goes to all of ${host}: the subsets of VirtualService ${rules.namespace}/${rules.name} are for sidecars`,
          hint: "name the subsets here too, or bind that VirtualService to the gateway and to mesh",
        },
      ];
    }),
  );
}

function hostOf({ domain }: MeshSettings, { metadata }: RuleObject, host: string): string {
  return resolveShortName(host, metadata.namespace, domain);
}
