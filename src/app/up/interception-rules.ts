import { formatProblem } from "../../lib/index.ts";
import type { MeshObject } from "../../model/index.ts";
import { buildIptablesRules, podInterception, type IptablesRules } from "../../node/index.ts";
import { Failure } from "../failure.ts";

/**
 * The rules that lead a pod's traffic into its proxy, by the annotations that say so in a cluster; undefined: none is led there
 * (`sidecar.istio.io/interceptionMode: NONE`). Throws a Failure for annotations that no rule can be made of.
 */
export function rulesFor({ metadata }: MeshObject<"Pod">, dns: boolean): IptablesRules | undefined {
  const { options, problems } = podInterception(metadata.annotations);
  const object = { kind: "Pod", namespace: metadata.namespace, name: metadata.name };
  const fail = (found: typeof problems): never => {
    throw new Failure(found.map((problem) => formatProblem({ ...problem, object })).join("\n"));
  };
  if (problems.length > 0) return fail(problems);
  if (!options) return undefined;
  const rules = buildIptablesRules({ ...options, ...(dns && { dnsServers: "*" as const }) });
  return rules.value ?? fail(rules.problems);
}
