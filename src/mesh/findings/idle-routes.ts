import { memo2 } from "../../lib/index.ts";
import { servicesByHost } from "../registry.ts";
import type { Protocol, Service } from "../types.ts";
import type { ResolvedVirtualService } from "../virtual-service.ts";
import { isForMesh } from "../virtual-service-scope.ts";
import { codes, type Finding } from "./finding.ts";

/** What a port must speak for rules of a kind to be used, and what a user may do about it. */
const carriers = {
  http: {
    protocols: ["HTTP", "HTTP2", "GRPC", "GRPC-Web", "AUTO"],
    hint: "call the port http, or set its appProtocol",
  },
  tls: { protocols: ["TLS", "HTTPS"], hint: "call the port tls or https, or set its appProtocol" },
  tcp: { protocols: ["TCP", "MONGO", "REDIS", "MYSQL", "AUTO"], hint: "use http or tls rules" },
} as const satisfies Record<string, { protocols: readonly Protocol[]; hint: string }>;

/** Rules of a VirtualService for services of which no port speaks their protocol: nothing ever asks them. */
export const idleRoutes = memo2(
  (services: readonly Service[], all: readonly ResolvedVirtualService[]): readonly Finding[] =>
    all.flatMap((rule) => idleParts(services, rule)),
);

const idleParts = memo2((services: readonly Service[], rule: ResolvedVirtualService): readonly Finding[] => {
  const targets = rule.hosts.flatMap((host) => servicesByHost(services).get(host)?.[0] ?? []);
  // Hosts that no service has are for somebody who knows more than we do.
  if (!isForMesh(rule.gateways) || targets.length === 0 || targets.length < rule.hosts.length) return [];
  const spoken = new Set<Protocol>(targets.flatMap(({ ports }) => ports.map(({ protocol }) => protocol)));
  return (["http", "tls", "tcp"] as const).flatMap((part): Finding[] => {
    const { protocols, hint } = carriers[part];
    if (rule[part].length === 0 || protocols.some((protocol) => spoken.has(protocol))) return [];
    const message = `no port of ${rule.hosts.join(", ")} is of a protocol that ${part} rules are for: they are never used`;
    return [{ code: codes.idleRoutes, object: rule.object, path: ["spec", part], message, hint }];
  });
});
