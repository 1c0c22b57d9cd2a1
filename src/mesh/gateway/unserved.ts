import { ofKind } from "../objects.ts";
import { selects } from "../labels.ts";
import { indexOf } from "../snapshot-index.ts";
import type { Snapshot } from "../snapshot-types.ts";
import type { Proxy } from "../types.ts";
import { credentialsFor } from "./credentials.ts";
import { isKnownWorkload, secretLookup } from "./secret-lookup.ts";

/**
 * Why a gateway does not serve what its Gateways say, a sentence each; nothing of a sidecar. What holds for every proxy is a finding
 * (`missingCredentials`): these are of this one. For whoever asks: nothing is remembered.
 */
export function unservedServers(snapshot: Snapshot, proxy: Proxy): readonly string[] {
  if (proxy.type !== "router") return [];
  const index = indexOf(snapshot);
  const selected = ofKind(index.objects, "Gateway").filter(({ spec }) => selects(spec.selector ?? {}, proxy.labels));
  if (selected.length === 0) return ["no Gateway selects its labels: it serves nothing"];
  const lookup = secretLookup(index, proxy);
  const left = selected.flatMap(({ metadata, spec }) =>
    (spec.servers ?? []).flatMap(({ tls }, i) => {
      const { fault } = credentialsFor(tls, proxy.namespace, lookup);
      return fault
        ? [`not served: Gateway ${metadata.namespace}/${metadata.name} servers[${i}]: ${fault.message}`]
        : [];
    }),
  );
  if (left.length === 0 || isKnownWorkload(index, proxy)) return left;
  const { name, namespace, serviceAccount } = proxy;
  const who = `${name}.${namespace} of service account ${serviceAccount}`;
  return [...left, `no Pod or WorkloadEntry of the mesh is ${who} with these labels: it is given no Secret`];
}
