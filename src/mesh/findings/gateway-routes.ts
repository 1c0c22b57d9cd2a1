import { memo, memo2 } from "../../lib/index.ts";
import type { MeshObject } from "../../model/index.ts";
import { commonHosts, hostsOpenTo } from "../gateway/hosts.ts";
import { transportOf } from "../gateway/merge.ts";
import { protocolFor } from "../protocol.ts";
import type { ResolvedVirtualService } from "../virtual-service.ts";
import { codes, type Finding } from "./finding.ts";

type Gateway = MeshObject<"Gateway">;
type Server = NonNullable<Gateway["spec"]["servers"]>[number];
type Part = "http" | "tls" | "tcp";

/**
 * Rules of VirtualServices for a protocol that no server of their Gateways hands on, or for ports that none of these has: nothing ever asks
 * them. Told where all Gateways are there. https://istio.io/latest/docs/reference/config/networking/virtual-service/#TLSRoute
 */
export const gatewayRoutes = memo2(
  (gateways: readonly Gateway[], rules: readonly ResolvedVirtualService[]): readonly Finding[] =>
    rules.flatMap((rule) => (rule.gateways.length === 0 ? nothing : ofRule(gatewaysByName(gateways), rule))),
);

const nothing: readonly Finding[] = []; // for sidecars alone, as most are

/** Gateways as VirtualServices name them: `namespace/name`. */
export const gatewaysByName = memo(
  (gateways: readonly Gateway[]): ReadonlyMap<string, Gateway> =>
    new Map(gateways.map((gateway) => [`${gateway.metadata.namespace}/${gateway.metadata.name}`, gateway])),
);

const ofRule = memo2((byName: ReadonlyMap<string, Gateway>, rule: ResolvedVirtualService): readonly Finding[] => {
  const named = rule.gateways.map((name) => byName.get(name));
  if (rule.gateways.includes("mesh") || named.includes(undefined)) return [];
  const servers = named.flatMap((gateway) => (gateway ? serversFor(gateway, rule) : []));
  if (servers.length === 0) return []; // told as hosts that no Gateway takes
  return (["http", "tls", "tcp"] as const).flatMap((part) => idlePart(rule, part, servers));
});

function serversFor({ spec, metadata }: Gateway, { hosts, namespace }: ResolvedVirtualService): readonly Server[] {
  return (spec.servers ?? []).filter(
    (server) => commonHosts(hostsOpenTo(server.hosts, metadata.namespace, namespace), hosts).length > 0,
  );
}

function idlePart(rule: ResolvedVirtualService, part: Part, servers: readonly Server[]): readonly Finding[] {
  const rules = rule[part];
  if (rules.length === 0) return [];
  const { object } = rule;
  const takers = servers.filter((server) => partOf(server) === part);
  if (takers.length === 0) {
    const kinds = [...new Set(servers.map(describe))].join(", ");
    const message = `the servers that ${rule.gateways.join(", ")} has for these hosts hand on no ${part}: these rules are never used`;
    return [
      { code: codes.idleRoutes, object, path: ["spec", part], message, hint: `they are ${kinds}: ${remedies[part]}` },
    ];
  }
  const ports = new Set(takers.map(({ port }) => port.number));
  return rules.flatMap(({ rule: { match = [] }, index }): Finding[] => {
    if (match.length === 0 || match.some(({ port }) => !port || ports.has(port))) return [];
    const message = `no server of ${rule.gateways.join(", ")} that hands on ${part} has this port: the rule is never used`;
    const hint = `their ports are ${[...ports].join(", ")}`;
    return [{ code: codes.idleRoutes, object, path: ["spec", part, index, "match"], message, hint }];
  });
}

/** Which rules a server asks; undefined: none (AUTO_PASSTHROUGH). */
function partOf({ port, tls }: Server): Part | undefined {
  const protocol = protocolFor(port.protocol, undefined, 0);
  if (transportOf({ protocol, spec: tls ? { tls } : {} }) === "HTTP") return "http";
  const mode = tls?.mode ?? (tls ? "PASSTHROUGH" : undefined);
  if (mode === "AUTO_PASSTHROUGH") return undefined;
  if (mode === "PASSTHROUGH") return "tls";
  return protocol === "HTTPS" && mode !== undefined ? "http" : "tcp";
}

function describe({ port, tls }: Server): string {
  return tls && !tls.httpsRedirect ? `${port.protocol} ${tls.mode ?? "PASSTHROUGH"}` : port.protocol;
}

const remedies = {
  http: "end TLS at a server of protocol HTTPS (mode SIMPLE), or write tls rules",
  tls: "write http rules, or pass TLS through (mode PASSTHROUGH)",
  tcp: "write rules of their kind",
} as const satisfies Record<Part, string>;
