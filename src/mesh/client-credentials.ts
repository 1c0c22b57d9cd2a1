import { memo } from "../lib/index.ts";
import type { MeshObject, TrafficPolicy } from "../model/index.ts";
import {
  isUnavailable,
  keyPairNamed,
  rootsNamed,
  secretName,
  type SecretLookup,
  type Unavailable,
} from "./gateway/credentials.ts";
import type { AppliedDestinationRule, Credential, Proxy, VisibleService } from "./types.ts";

type ClientTls = NonNullable<TrafficPolicy["tls"]>;

/** The SDS names of a `credentialName` in a DestinationRule: without a namespace they are the proxy's own, so that clusters are shared. */
export function clientSecrets(credentialName: string): { readonly keyPair: string; readonly roots: string } {
  const { name, namespace } = secretName(credentialName, "");
  const own = namespace === "" ? name : `${namespace}/${name}`;
  return { keyPair: `kubernetes://${own}`, roots: `kubernetes://${own}-cacert` };
}

/** The TLS settings with a `credentialName`, of every level of a traffic policy. */
function credentialTls(rule: Pick<AppliedDestinationRule, "trafficPolicy" | "subsets">): readonly ClientTls[] {
  const policies = [rule.trafficPolicy, ...rule.subsets.map(({ trafficPolicy }) => trafficPolicy)];
  const levels = policies.flatMap((policy) => (policy ? [policy, ...(policy.portLevelSettings ?? [])] : []));
  return levels.flatMap(({ tls }) =>
    tls?.credentialName && (tls.mode === "SIMPLE" || tls.mode === "MUTUAL") ? [tls] : [],
  );
}

/** The TLS settings of a DestinationRule that name a Secret; mostly none. */
export const credentialTlsOf = memo(({ spec }: MeshObject<"DestinationRule">): readonly ClientTls[] =>
  credentialTls({ subsets: [], ...spec }),
);

/** Whether any rule names a Secret: else nobody has to be asked what he may have. */
export const usesClientCredentials = memo((rules: readonly MeshObject<"DestinationRule">[]): boolean =>
  rules.some((rule) => credentialTlsOf(rule).length > 0),
);

interface Uses {
  readonly bySelected: readonly ClientTls[]; // of rules for some workloads
  readonly byAll: readonly ClientTls[];
}

/** What the rules of a scope name: once for all its proxies. */
const usesIn = memo((services: readonly VisibleService[]): Uses => {
  const rules = [...new Set(services.flatMap(({ rule }) => rule ?? []))];
  const of = (chosen: readonly AppliedDestinationRule[]) => chosen.flatMap(credentialTls);
  return { bySelected: of(rules.filter(({ selects }) => selects)), byAll: of(rules.filter(({ selects }) => !selects)) };
});

const none: readonly Credential[] = Object.freeze([]);

/**
 * What a proxy shows and trusts as a client, out of Secrets of its own namespace. As on Istio a sidecar heeds only rules that select it
 * by a workloadSelector, a gateway all that it sees. A Secret that is not there, or not for it, is left out: the connection then fails.
 * https://istio.io/latest/docs/reference/config/networking/destination-rule/#ClientTLSSettings-credential_name
 */
export function clientCredentialsFor(
  { type, namespace }: Proxy,
  services: readonly VisibleService[],
  lookup: () => SecretLookup,
): readonly Credential[] {
  const { bySelected, byAll } = usesIn(services);
  const uses = type === "router" ? [...bySelected, ...byAll] : bySelected;
  if (uses.length === 0) return none;
  const may = lookup();
  const found = new Map<string, Credential>();
  for (const tls of uses) for (const one of credentialsOf(tls, namespace, may)) found.set(one.name, one);
  return Object.freeze([...found.values()]);
}

function credentialsOf(tls: ClientTls, own: string, lookup: SecretLookup): readonly Credential[] {
  const { credentialName = "", mode, insecureSkipVerify } = tls;
  const names = clientSecrets(credentialName);
  const keyPair = mode === "MUTUAL" ? keyPairNamed(credentialName, own, lookup) : undefined;
  const roots = insecureSkipVerify ? undefined : rootsNamed(credentialName, own, lookup);
  return [
    ...(keyPair && !isUnavailable(keyPair) ? [{ ...keyPair, name: names.keyPair }] : []),
    ...(roots && !isUnavailable(roots) ? [{ ...roots, name: names.roots }] : []),
  ];
}

/** Why a Secret that TLS settings name cannot be had in a namespace; undefined if it can. */
export function clientCredentialFault(tls: ClientTls, own: string, lookup: SecretLookup): Unavailable | undefined {
  const { credentialName = "", mode, insecureSkipVerify } = tls;
  const keyPair = mode === "MUTUAL" ? keyPairNamed(credentialName, own, lookup) : undefined;
  if (keyPair && isUnavailable(keyPair)) return keyPair;
  const roots = insecureSkipVerify ? undefined : rootsNamed(credentialName, own, lookup);
  return roots && isUnavailable(roots) ? roots : undefined;
}

/** The Secrets of namespace `own` in which is looked for these settings, by name. */
export function clientSecretNames(tls: ClientTls, own: string): readonly string[] {
  const { namespace, name } = secretName(tls.credentialName ?? "", own);
  return namespace === own && name !== "" ? [name, `${name}-cacert`] : [];
}
