import { memo2 } from "../../lib/index.ts";
import { workloadMtls, type PeerAuthenticationIndex } from "../peer-authentication.ts";
import type { SidecarObject } from "../sidecar.ts";
import { codes, type Finding } from "./finding.ts";

/** TLS of a Sidecar's listeners on ports on which workloads speak the mesh's: as on Istio, that goes before it. */
export const idleServerTls = memo2(
  (policies: PeerAuthenticationIndex, sidecars: readonly SidecarObject[]): readonly Finding[] =>
    sidecars.flatMap((object) => {
      const { namespace } = object.metadata;
      return (object.spec.ingress ?? []).flatMap(({ tls, port }, index): Finding[] => {
        if (!tls || (tls.mode ?? "PASSTHROUGH") === "PASSTHROUGH") return [];
        const { mode, ports } = workloadMtls(policies, namespace, object.spec.workloadSelector?.labels ?? {});
        const applied = ports.get(port.number ?? 0) ?? mode;
        if (applied === "DISABLE") return [];
        const message = `has no effect: the port speaks the mesh's TLS (${applied})`;
        const hint = "set the port to DISABLE in a PeerAuthentication with the same selector (portLevelMtls)";
        return [{ code: codes.idleTls, object, path: ["spec", "ingress", index, "tls"], message, hint }];
      });
    }),
);
