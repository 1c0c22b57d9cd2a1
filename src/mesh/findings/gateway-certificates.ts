import { byCodeUnit, memo } from "../../lib/index.ts";
import type { MeshObject } from "../../model/index.ts";
import { codes, type Finding } from "./finding.ts";

type Gateway = MeshObject<"Gateway">;
type Server = NonNullable<Gateway["spec"]["servers"]>[number];

/**
 * Gateways of the same workload that show one certificate on one port: HTTP/2 lets a client use its connection to one for the hosts of the
 * other, whose routes it then does not find. https://istio.io/latest/docs/reference/config/analysis/ist0138/
 */
export const repeatedCertificates = memo((gateways: readonly Gateway[]): readonly Finding[] => {
  const first = new Map<string, Gateway>();
  return gateways.flatMap((object) =>
    (object.spec.servers ?? []).flatMap((server, i): Finding[] => {
      const shown = certificateOf(server);
      if (shown === undefined) return [];
      const key = JSON.stringify([selectorOf(object), server.port.number, server.bind ?? "", shown]);
      const other = first.get(key) ?? object;
      first.set(key, other);
      if (other === object) return [];
      const { namespace, name } = other.metadata;
      return [
        {
          code: codes.repeatedCertificate,
          object,
          path: ["spec", "servers", i, "tls"],
          message: `Gateway ${namespace}/${name} shows the same certificate on port ${server.port.number}: a client may use one connection for the hosts of both, and get 404`,
          hint: "make both servers of one Gateway, or use certificates of their own",
        },
      ];
    }),
  );
});

/** HTTPS alone has routes; what is passed on shows nothing. */
function certificateOf({ port, tls }: Server): unknown {
  if (port.protocol.toUpperCase() !== "HTTPS" || !tls) return undefined;
  const { credentialName, credentialNames, tlsCertificates, serverCertificate } = tls;
  const named = [credentialName, ...(credentialNames ?? [])].filter(Boolean).sort();
  if (named.length > 0) return named;
  return tlsCertificates?.length ? tlsCertificates : serverCertificate || undefined;
}

function selectorOf({ spec }: Gateway): unknown {
  return Object.entries(spec.selector ?? {}).sort(([a], [b]) => byCodeUnit(a, b));
}
