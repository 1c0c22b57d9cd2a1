import { maxProblemsPerObject, type Level, type Problem } from "../../lib/index.ts";
import { formatPath, objectKey, type FieldPath, type MeshObject } from "../../model/index.ts";

/**
 * The codes of what the mesh room finds between objects. Istio's own where the meaning is the same:
 * https://istio.io/latest/docs/reference/config/analysis/
 */
export const codes = {
  missingReference: "IST0101",
  namespaceNotInjected: "IST0102",
  podWithoutProxy: "IST0103",
  duplicateVirtualServiceHost: "IST0109",
  sidecarsOfOneWorkload: "IST0110",
  severalSidecars: "IST0111",
  portNeeded: "IST0112",
  mtlsConflict: "IST0113",
  protocolsOfOnePort: "IST0116",
  undeclaredProtocol: "IST0118",
  twoInjectionLabels: "IST0123",
  noWorkload: "IST0127",
  unverifiedServer: "IST0128",
  unverifiedPort: "IST0129",
  unreachableRule: "IST0130",
  hostNotInGateway: "IST0132",
  addressNeeded: "IST0134",
  portsOfOneTarget: "IST0137",
  repeatedCertificate: "IST0138",
  subsetsPassedBy: "IST0140",
  proxyUser: "IST0144",
  gatewayConflict: "IST0145",
  unusableCredential: "IST0161",
  portNotOnService: "IST0162",
  idleSubset: "IST0173",
  ruleWithoutService: "IST0174",
  protocolsOfOneHost: "IST0177",
  missingPort: "HED301",
  shadowed: "HED303",
  severalPolicies: "HED304",
  ignoredPolicy: "HED305",
  idleRoutes: "HED306",
  unknownWord: "HED307",
  shortName: "HED309",
  entryOverlap: "HED310",
  endedApp: "HED311",
  idleCredential: "HED312",
  notGrpc: "HED316",
  idleTls: "HED317",
  takenBind: "HED318",
  sidecarsPort: "HED319",
} as const;

/** Something about an object that only shows beside the others. It never keeps the object from being applied. */
export interface Finding {
  readonly code: (typeof codes)[keyof typeof codes];
  readonly object: MeshObject;
  readonly path: FieldPath;
  readonly message: string;
  readonly hint?: string;
  readonly level?: Level; // else a warning
}

/** Findings as problems, each where the newest version of its object says so. */
export function problemsOf(
  findings: Iterable<Finding>,
  newest: (object: MeshObject) => MeshObject,
): readonly Problem[] {
  const counts = new Map<string, number>();
  const problems: Problem[] = [];
  for (const { code, object, path, message, hint, level = "warning" } of findings) {
    const key = objectKey(object);
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    if (count > maxProblemsPerObject) continue;
    const { name, namespace } = object.metadata;
    problems.push({
      code,
      level,
      message,
      object: { kind: object.kind, namespace, name },
      position: newest(object).origin.at(path),
      field: formatPath(path),
      ...(hint !== undefined && { hint }),
    });
  }
  return problems;
}
