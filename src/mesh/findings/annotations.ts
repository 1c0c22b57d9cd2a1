import { memo } from "../../lib/index.ts";
import type { MeshObject } from "../../model/index.ts";
import { onDemandAnnotation } from "../on-demand.ts";
import { codes, type Finding } from "./finding.ts";

/** Annotations of ours that say nothing, for want of a word that we know. */
export const unknownWords = memo((objects: readonly MeshObject[]): readonly Finding[] =>
  objects.flatMap((object): Finding[] => {
    const { [onDemandAnnotation]: word } = object.metadata.annotations;
    if (word === undefined || word === "enabled" || word === "disabled") return [];
    return [
      {
        code: codes.unknownWord,
        object,
        path: ["metadata", "annotations", onDemandAnnotation],
        message: `"${word.slice(0, 40)}" says nothing here`,
        hint: "enabled or disabled",
      },
    ];
  }),
);
