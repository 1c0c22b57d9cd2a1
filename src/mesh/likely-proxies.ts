import ipaddr from "ipaddr.js";
import { memo } from "../lib/index.ts";
import { indexOf } from "./snapshot-index.ts";
import type { Snapshot } from "./snapshot-types.ts";
import type { Endpoint, Proxy } from "./types.ts";

/**
 * For each namespace that has endpoints, a sidecar as the first of them may have it: what is made for it can be shared by those
 * that come. Namespaces whose endpoints are known to speak mesh mTLS are first. None of these proxies is anybody's identity.
 */
export function likelyProxies(snapshot: Snapshot): readonly Proxy[] {
  const candidates = endpointsByNamespace(indexOf(snapshot).endpoints.byService);
  return [...candidates.values()].sort((a, b) => Number(b.meshMtls) - Number(a.meshMtls)).map(sidecarOf);
}

const endpointsByNamespace = memo((byService: ReadonlyMap<unknown, { readonly endpoints: readonly Endpoint[] }>) => {
  const found = new Map<string, Endpoint>();
  for (const { endpoints } of byService.values()) {
    for (const endpoint of endpoints) {
      const known = found.get(endpoint.namespace);
      if (known === undefined ? ipaddr.isValid(endpoint.address) : endpoint.meshMtls && !known.meshMtls)
        found.set(endpoint.namespace, endpoint);
    }
  }
  return found;
});

function sidecarOf({ namespace, serviceAccount, address, labels, locality, workload }: Endpoint): Proxy {
  const who = { type: "sidecar", name: workload, namespace, serviceAccount } as const;
  return Object.freeze({ ...who, addresses: [address], labels, locality, metadata: {} });
}
