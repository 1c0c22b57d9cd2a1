import { memo2 } from "../../lib/index.ts";
import type { MeshObject } from "../../model/index.ts";
import type { MeshSettings } from "../types.ts";
import { codes, type Finding } from "./finding.ts";

type Policy = MeshObject<"PeerAuthentication">;

/** PeerAuthentications that have no effect, or not all of it: https://istio.io/latest/docs/reference/config/security/peer_authentication/ */
export const idlePolicies = memo2((settings: MeshSettings, policies: readonly Policy[]): readonly Finding[] => {
  const first = new Map<string, Policy>();
  return policies.flatMap((object): Finding[] => {
    const { namespace } = object.metadata;
    if (Object.keys(object.spec.selector?.matchLabels ?? {}).length > 0) {
      if (namespace !== settings.rootNamespace) return [];
      const message = "a policy with a selector has no effect in the root namespace";
      return [{ code: codes.ignoredPolicy, object, path: ["spec", "selector"], message }];
    }
    const older = first.get(namespace);
    if (older) return [another(object, `PeerAuthentication ${namespace}/${older.metadata.name}`)];
    first.set(namespace, object);
    return [];
  });
});

/** More than one Sidecar of a namespace without a selector. */
export const idleSidecars = memo2(
  (_settings: MeshSettings, sidecars: readonly MeshObject<"Sidecar">[]): readonly Finding[] => {
    const first = new Map<string, MeshObject>();
    return sidecars.flatMap((object): Finding[] => {
      const { namespace } = object.metadata;
      if (Object.keys(object.spec.workloadSelector?.labels ?? {}).length > 0) return [];
      const older = first.get(namespace);
      if (older)
        return [{ ...another(object, `Sidecar ${namespace}/${older.metadata.name}`), code: codes.severalSidecars }];
      first.set(namespace, object);
      return [];
    });
  },
);

/** A mesh has one MeshConfig. */
export const idleMeshConfigs = memo2(
  (_settings: MeshSettings, configs: readonly MeshObject<"MeshConfig">[]): readonly Finding[] => {
    const [first, ...others] = configs;
    return first
      ? others.map((object) => another(object, `MeshConfig ${first.metadata.namespace}/${first.metadata.name}`))
      : [];
  },
);

function another(object: MeshObject, older: string): Finding {
  const message = `${older} is for the same and comes first: this one is not used`;
  return { code: codes.severalPolicies, object, path: ["metadata", "name"], message };
}
