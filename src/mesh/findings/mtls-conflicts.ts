import { memo, memo2, memo3 } from "../../lib/index.ts";
import type { FieldPath, MeshObject } from "../../model/index.ts";
import type { RuleIndex } from "../destination-rule.ts";
import { noEndpoints } from "../endpoint.ts";
import { isWildcard } from "../host.ts";
import { workloadMtls, type PeerAuthenticationIndex } from "../peer-authentication.ts";
import type { EndpointSet, MtlsMode, Service } from "../types.ts";
import { codes, type Finding } from "./finding.ts";
import { hostsOf } from "./subsets.ts";

type RuleObject = MeshObject<"DestinationRule">;
type ClientMode = "DISABLE" | "SIMPLE" | "MUTUAL" | "ISTIO_MUTUAL";

/**
 * DestinationRules that make clients speak what the servers refuse: anything but mesh mTLS where all of them are STRICT, mesh mTLS where
 * all of them are DISABLE. https://istio.io/latest/docs/reference/config/analysis/ist0113/
 */
export const mtlsConflicts = memo3(
  (
    rules: RuleIndex,
    endpoints: ReadonlyMap<Service, EndpointSet>,
    policies: PeerAuthenticationIndex,
  ): readonly Finding[] => {
    if (policies.inputs[1].length === 0) return [];
    const byHost = hostsOf(endpoints);
    const findings: Finding[] = [];
    for (const { value } of rules.byNamespace.values()) {
      for (const [host, merged] of value.byHost) {
        if (isWildcard(host)) continue; // meant for many, of whom some may differ
        for (const object of merged.flatMap(({ applied }) => applied.objects)) {
          if (tlsOf(object).length === 0) continue;
          const found = (byHost.get(host) ?? []).map((service) =>
            ofService(object, policies)(service, endpoints.get(service) ?? noEndpoints),
          );
          if (found.every((one) => one.length > 0)) findings.push(...(found[0] ?? [])); // who asks decides which is meant
        }
      }
    }
    return findings;
  },
);

/** Services and sets of endpoints are the same objects while they say the same: only what has changed is looked at again. */
const ofService = memo2((object: RuleObject, policies: PeerAuthenticationIndex) =>
  memo2((service: Service, set: EndpointSet): readonly Finding[] =>
    tlsOf(object).flatMap(({ mode, path, port }): Finding[] => {
      const refused = mode === "ISTIO_MUTUAL" ? "DISABLE" : "STRICT";
      if (modeOf(service, port, set, policies) !== refused) return [];
      return [conflict(object, service.hostname, mode, refused, path)];
    }),
  ),
);

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
  { endpoints }: EndpointSet,
  policies: PeerAuthenticationIndex,
): MtlsMode | undefined {
  if (service.meshExternal) return undefined;
  const modes = new Set<MtlsMode>();
  for (const { labels, namespace, ports, meshMtls } of endpoints) {
    const { mode, ports: byPort } = workloadMtls(policies, namespace || service.namespace, labels);
    const names = service.ports.filter(({ number }) => port === undefined || number === port);
    for (const { name } of names) {
      const accepted = byPort.get(ports[name] ?? 0) ?? mode;
      modes.add(meshMtls || accepted === "DISABLE" ? accepted : "PERMISSIVE"); // without a sidecar that we know of, policy says nothing
    }
  }
  if (endpoints.length === 0 && service.registry === "Kubernetes")
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
