import { memo } from "../../lib/index.ts";
import type { FieldPath, MeshObject, TrafficPolicy } from "../../model/index.ts";
import { codes, type Finding } from "./finding.ts";

type Rule = MeshObject<"DestinationRule">;

/**
 * TLS without a look at who answers. On Istio that is so too where no `caCertificates` are named; here the system's roots count then.
 * https://istio.io/latest/docs/reference/config/analysis/ist0128/ and ist0129
 */
export const unverifiedServers = memo((rules: readonly Rule[]): readonly Finding[] => rules.flatMap(ofRule));

const ofRule = memo((object: Rule): readonly Finding[] => {
  const { trafficPolicy, subsets = [] } = object.spec;
  return [
    ...ofPolicy(object, trafficPolicy, ["spec", "trafficPolicy"]),
    ...subsets.flatMap((subset, i) => ofPolicy(object, subset.trafficPolicy, ["spec", "subsets", i, "trafficPolicy"])),
  ];
});

function ofPolicy(object: Rule, policy: TrafficPolicy | undefined, at: FieldPath): readonly Finding[] {
  const { host } = object.spec;
  const own = skips(policy?.tls) ? [unverified(object, codes.unverifiedServer, at, host)] : [];
  const ports = (policy?.portLevelSettings ?? []).flatMap(({ tls, port }, i): Finding[] => {
    if (!skips(tls)) return [];
    return [unverified(object, codes.unverifiedPort, [...at, "portLevelSettings", i], `${host}:${port?.number}`)];
  });
  return [...own, ...ports];
}

function skips(tls: TrafficPolicy["tls"]): boolean {
  return tls?.insecureSkipVerify === true && (tls.mode === "SIMPLE" || tls.mode === "MUTUAL");
}

function unverified(object: Rule, code: Finding["code"], at: FieldPath, host: string): Finding {
  const message = `nobody looks whether it is ${host} that answers: who can redirect the connection can read it`;
  const hint = "name caCertificates instead, or nothing for the system's roots";
  return { code, object, path: [...at, "tls", "insecureSkipVerify"], message, hint, level: "info" };
}
