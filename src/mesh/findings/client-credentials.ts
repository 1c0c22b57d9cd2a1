import { memo2, memo3 } from "../../lib/index.ts";
import { isGatewayPod, type MeshObject } from "../../model/index.ts";
import { clientCredentialFault, credentialTlsOf } from "../client-credentials.ts";
import { exportToFor, isVisible } from "../export.ts";
import { secretsByName } from "../gateway/credentials.ts";
import { selects } from "../labels.ts";
import type { Workload } from "../snapshot-types.ts";
import type { WorkloadIndex } from "../workload.ts";
import { codes, type Finding } from "./finding.ts";

type Rule = MeshObject<"DestinationRule">;

/**
 * Secrets that DestinationRules name and that nobody who heeds them can read: the connections fail. Told where pods are known; a rule
 * without a workloadSelector is for gateways. https://istio.io/latest/docs/reference/config/networking/destination-rule/#ClientTLSSettings-credential_name
 */
export const missingClientCredentials = memo3(
  (gateways: KnownGateways, secrets: readonly MeshObject<"Secret">[], rules: readonly Rule[]): readonly Finding[] => {
    if (!gateways.podsAreKnown) return [];
    const known = secretsByName(secrets);
    const lookup = (namespace: string, name: string) => known.get(`${namespace}/${name}`);
    return rules.flatMap((object): Finding[] => {
      const uses = credentialTlsOf(object);
      if (uses.length === 0) return [];
      const readers = readersOf(object, gateways);
      const path = ["spec", "trafficPolicy", "tls", "credentialName"];
      if (readers.length === 0) return [{ code: codes.idleCredential, object, path, message: idle, hint }];
      const faults = uses.flatMap((tls) => {
        const found = readers.map((own) => clientCredentialFault(tls, own, lookup));
        return found.every((fault) => fault !== undefined) ? found.slice(0, 1) : [];
      });
      return [...new Map(faults.map((fault) => [fault.message, fault])).values()].map(({ message, isThere }) => {
        const code = isThere ? codes.unusableCredential : codes.missingReference;
        return { code, object, path, message: `${message}: no connection is made` };
      });
    });
  },
);

const idle =
  "as on Istio, sidecars heed a credentialName only in a rule with a workloadSelector, and no gateway sees this one: no client certificate is sent, and the system's roots are trusted";
const hint = "add a workloadSelector, or name files instead";

/** The namespaces whose proxies look for the Secret: the rule's own, or those of gateways that see it. */
function readersOf({ metadata, spec }: Rule, { namespaces }: KnownGateways): readonly string[] {
  if (spec.workloadSelector?.matchLabels) return [metadata.namespace];
  const exportTo = exportToFor(spec.exportTo, undefined);
  return namespaces.filter((namespace) => isVisible(exportTo, metadata.namespace, namespace));
}

/** Where gateways are, as far as the mesh knows. */
export interface KnownGateways {
  readonly podsAreKnown: boolean;
  readonly namespaces: readonly string[];
}

/** The namespaces of workloads that say that they are gateways, or that a Gateway selects. */
export const knownGateways = memo2(
  ({ inputs, byNamespace }: WorkloadIndex, gateways: readonly MeshObject<"Gateway">[]): KnownGateways => {
    const isGateway = ({ object, labels }: Workload): boolean =>
      isGatewayPod(object.metadata.annotations) ||
      gateways.some(({ spec: { selector = {} } }) => Object.keys(selector).length > 0 && selects(selector, labels));
    const namespaces = [...byNamespace].filter(([, workloads]) => workloads.some(isGateway)).map(([name]) => name);
    return Object.freeze({ podsAreKnown: inputs[0].length > 0, namespaces });
  },
);
