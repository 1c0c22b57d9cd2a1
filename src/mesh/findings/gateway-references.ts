import { memo, memo3 } from "../../lib/index.ts";
import type { FieldPath, MeshObject } from "../../model/index.ts";
import { gatewayNames } from "../gateway/name.ts";
import { commonHosts, hostsOpenTo } from "../gateway/hosts.ts";
import { resolveShortName } from "../host.ts";
import type { MeshSettings } from "../types.ts";
import { codes, type Finding } from "./finding.ts";
import { gatewaysByName } from "./gateway-routes.ts";

type Gateway = MeshObject<"Gateway">;
type RuleObject = MeshObject<"VirtualService">;

/**
 * Gateways that VirtualServices name and that are not there, or that have none of their hosts.
 * https://istio.io/latest/docs/reference/config/analysis/ist0132/
 */
export const gatewayReferences = memo3(
  (settings: MeshSettings, gateways: readonly Gateway[], objects: readonly RuleObject[]): readonly Finding[] =>
    objects.flatMap((object) => ofObject(settings, gateways, object)),
);

const ofObject = memo3((settings: MeshSettings, gateways: readonly Gateway[], object: RuleObject): Finding[] => {
  const named = namedGateways(object);
  if (named.length === 0) return [];
  const byName = gatewaysByName(gateways);
  const missing = named.filter(({ name }) => name !== "mesh" && !byName.has(name));
  return [
    ...missing.map(({ path, name }): Finding => {
      const message = `there is no Gateway ${name}: these rules do not apply there`;
      return { code: codes.missingReference, object, path, message, ...hintFor(name, gateways) };
    }),
    ...hostFindings(settings, byName, object),
  ];
});

/** Each gateway where it is named first. */
const namedGateways = memo(({ spec, metadata }: RuleObject): readonly { path: FieldPath; name: string }[] => {
  const found = new Map<string, { path: FieldPath; name: string }>();
  const add = (names: readonly string[] | undefined, path: FieldPath) => {
    for (const [i, name] of gatewayNames(names, metadata.namespace).entries())
      if (!found.has(name)) found.set(name, { path: [...path, i], name });
  };
  add(spec.gateways, ["spec", "gateways"]);
  for (const protocol of ["http", "tls", "tcp"] as const) {
    for (const [i, rule] of (spec[protocol] ?? []).entries()) {
      for (const [j, match] of (rule.match ?? []).entries())
        add(match.gateways, ["spec", protocol, i, "match", j, "gateways"]);
    }
  }
  return [...found.values()];
});

function hintFor(name: string, gateways: readonly Gateway[]): { hint?: string } {
  const alike = gateways.find(({ metadata }) => name.endsWith(`/${metadata.name}`));
  return alike ? { hint: `there is ${alike.metadata.namespace}/${alike.metadata.name}` } : {};
}

/** A Gateway none of whose hosts are the VirtualService's, and a host that no Gateway has. Sidecars take any host. */
function hostFindings(settings: MeshSettings, byName: ReadonlyMap<string, Gateway>, object: RuleObject): Finding[] {
  const { namespace } = object.metadata;
  const names = gatewayNames(object.spec.gateways, namespace);
  const gateways = names.map((name) => byName.get(name));
  const hosts = (object.spec.hosts ?? []).map((host) => resolveShortName(host, namespace, settings.domain));
  const findings: Finding[] = [];
  const idle = new Set<number>();
  for (const [i, gateway] of gateways.entries()) {
    if (!gateway || hosts.length === 0 || commonHosts(openHosts(gateway, namespace), hosts).length > 0) continue;
    idle.add(i);
    const message = `Gateway ${names[i]} takes none of the hosts of this VirtualService`;
    findings.push(hostNotInGateway(object, ["spec", "gateways", i], message, gateway));
  }
  if (idle.size > 0 || names.includes("mesh") || gateways.length === 0 || gateways.includes(undefined)) return findings;
  const open = gateways.flatMap((gateway) => (gateway ? openHosts(gateway, namespace) : []));
  for (const [i, host] of hosts.entries()) {
    if (commonHosts(open, [host]).length > 0) continue;
    const message = `no Gateway of this VirtualService takes the host ${host}`;
    findings.push(hostNotInGateway(object, ["spec", "hosts", i], message, gateways[0]));
  }
  return findings;
}

function openHosts({ spec, metadata }: Gateway, namespace: string): readonly string[] {
  return (spec.servers ?? []).flatMap(({ hosts }) => hostsOpenTo(hosts, metadata.namespace, namespace));
}

function hostNotInGateway(object: RuleObject, path: FieldPath, message: string, gateway: Gateway | undefined): Finding {
  const hosts = [...new Set((gateway?.spec.servers ?? []).flatMap((server) => server.hosts))].slice(0, 5).join(", ");
  return { code: codes.hostNotInGateway, object, path, message, hint: `the Gateway's hosts are ${hosts}` };
}
