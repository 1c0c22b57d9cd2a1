import { memo, memo3 } from "../../lib/index.ts";
import type { FieldPath, MeshObject } from "../../model/index.ts";
import type { RuleIndex } from "../destination-rule.ts";
import type { EndpointIndex } from "../endpoint.ts";
import { isWildcard } from "../host.ts";
import { workloadMtls, type PeerAuthenticationIndex } from "../peer-authentication.ts";
import type { MtlsMode, Service } from "../types.ts";
import { codes, type Finding } from "./finding.ts";

type RuleObject = MeshObject<"DestinationRule">;
type ClientMode = "DISABLE" | "SIMPLE" | "MUTUAL" | "ISTIO_MUTUAL";

/**
 * DestinationRules that make clients speak what the servers refuse: anything but mesh mTLS where all of them are STRICT, mesh mTLS where
 * all of them are DISABLE. https://istio.io/latest/docs/reference/config/analysis/ist0113/
 */
export const mtlsConflicts = memo3(
  (rules: RuleIndex, endpoints: EndpointIndex, policies: PeerAuthenticationIndex): readonly Finding[] => {
    const asked = rules.inputs[1].filter((object) => tlsOf(object).length > 0);
    if (asked.length === 0 || policies.inputs[1].length === 0) return [];
    const byHost = Map.groupBy(endpoints.byService.keys(), ({ hostname }) => hostname);
    const findings: Finding[] = [];
    for (const { value } of rules.byNamespace.values()) {
      for (const [host, merged] of value.byHost) {
        if (isWildcard(host)) continue; // meant for many, of whom some may differ
        const services = byHost.get(host) ?? [];
        const served = (port: number | undefined) =>
          services.map((service) => modeOf(service, port, endpoints, policies));
        findings.push(...merged.flatMap(({ applied }) => applied.objects.flatMap((o) => ofRule(o, host, served))));
      }
    }
    return findings;
  },
);

type Served = (port: number | undefined) => readonly (MtlsMode | undefined)[];

function ofRule(object: RuleObject, host: string, served: Served): readonly Finding[] {
  return tlsOf(object).flatMap(({ mode, path, port }): Finding[] => {
    const refused = mode === "ISTIO_MUTUAL" ? "DISABLE" : "STRICT";
    const modes = served(port);
    return modes.length > 0 && modes.every((one) => one === refused)
      ? [conflict(object, host, mode, refused, path)]
      : [];
  });
}

interface ClientTls {
  readonly mode: ClientMode;
  readonly path: FieldPath;
  readonly port?: number;
}

/** Every place of a rule that says how to speak to all of a service or to one of its ports. */
const tlsOf = memo(({ spec }: RuleObject): readonly ClientTls[] => {
  const found: ClientTls[] = [];
  const { tls, portLevelSettings = [] } = spec.trafficPolicy ?? {};
  if (tls?.mode) found.push({ mode: tls.mode, path: ["spec", "trafficPolicy", "tls", "mode"] });
  for (const [i, setting] of portLevelSettings.entries()) {
    const path = ["spec", "trafficPolicy", "portLevelSettings", i, "tls", "mode"];
    const port = setting.port?.number;
    if (setting.tls?.mode && port !== undefined) found.push({ mode: setting.tls.mode, path, port });
  }
  return found;
});

/** What all endpoints of a service accept; undefined where they differ, or accept both. Without endpoints, what their namespace says. */
function modeOf(
  service: Service,
  port: number | undefined,
  { byService }: EndpointIndex,
  policies: PeerAuthenticationIndex,
): MtlsMode | undefined {
  if (service.meshExternal) return undefined;
  const found = byService.get(service)?.endpoints ?? [];
  const modes = new Set<MtlsMode>();
  for (const { labels, namespace, ports, meshMtls } of found) {
    const { mode, ports: byPort } = workloadMtls(policies, namespace || service.namespace, labels);
    const names = service.ports.filter(({ number }) => port === undefined || number === port);
    for (const { name } of names) modes.add(meshMtls ? (byPort.get(ports[name] ?? 0) ?? mode) : "DISABLE");
  }
  if (found.length === 0 && service.registry === "Kubernetes")
    modes.add(workloadMtls(policies, service.namespace, unlabelled).mode);
  const [only] = modes;
  return modes.size === 1 ? only : undefined;
}

const unlabelled = Object.freeze({});

function conflict(object: RuleObject, host: string, mode: ClientMode, refused: MtlsMode, path: FieldPath): Finding {
  const what = mode === "ISTIO_MUTUAL" ? "mesh mTLS" : mode === "DISABLE" ? "plaintext" : "TLS of their own";
  const message = `clients speak ${what} to ${host}, whose PeerAuthentication mode is ${refused}: their requests fail`;
  const hint = "leave tls out: clients speak mTLS wherever the server does";
  return { code: codes.mtlsConflict, object, path, message, hint };
}
