import { memo, memo2 } from "../../lib/index.ts";
import type { FieldPath, MeshObject } from "../../model/index.ts";
import type { Labels } from "../labels.ts";
import { noWorkloads, selectedWorkloads, type WorkloadIndex } from "../workload.ts";
import { codes, type Finding } from "./finding.ts";

type RuleObject = MeshObject<"VirtualService">;

/** A match for some clients only. */
interface Source {
  readonly path: FieldPath;
  readonly labels?: Labels;
  readonly namespace?: string;
}

/** Matches of VirtualServices for clients of which there is none, told where pods are known at all. */
export const sourcesOfNobody = memo2((workloads: WorkloadIndex, objects: readonly RuleObject[]): readonly Finding[] => {
  if (workloads.inputs[0].length === 0) return [];
  return objects.flatMap((object) =>
    sourcesOf(object).flatMap((source): Finding[] => {
      if (isThere(workloads, source)) return [];
      const { labels, namespace, path } = source;
      const where = namespace === undefined ? "the mesh" : `namespace ${namespace}`;
      const message = `no workload of ${where} ${labels ? "has these labels" : "is known"}: nobody's requests match`;
      const field = labels ? "sourceLabels" : "sourceNamespace";
      return [{ code: codes.noWorkload, object, path: [...path, field], message }];
    }),
  );
});

function isThere({ byNamespace }: WorkloadIndex, { labels, namespace }: Source): boolean {
  const spaces = namespace === undefined ? [...byNamespace.values()] : [byNamespace.get(namespace) ?? noWorkloads];
  return spaces.some((all) => (labels ? selectedWorkloads(all, labels) : all).length > 0);
}

const none: readonly Source[] = [];

const sourcesOf = memo(({ spec }: RuleObject): readonly Source[] => {
  const found = (["http", "tls", "tcp"] as const).flatMap((part) =>
    (spec[part] ?? []).flatMap(({ match = [] }, i) =>
      match.flatMap(({ sourceLabels = {}, sourceNamespace = "" }, j): Source[] => {
        const labels = Object.keys(sourceLabels).length > 0 ? { labels: sourceLabels } : {};
        const namespace = sourceNamespace === "" ? {} : { namespace: sourceNamespace };
        const source = { path: ["spec", part, i, "match", j], ...labels, ...namespace };
        return "labels" in source || "namespace" in source ? [source] : [];
      }),
    ),
  );
  return found.length === 0 ? none : found;
});
