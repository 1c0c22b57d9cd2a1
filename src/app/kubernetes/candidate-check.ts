import { monotonicClock, type Log, type Problem } from "../../lib/index.ts";
import { problemsWith, type Snapshot } from "../../mesh/index.ts";
import type { MeshObject } from "../../model/index.ts";

/** Of the time at most a fifth goes to checks: a thousand objects that are applied at once must not hold up publication. */
const pauseFactor = 4;

/**
 * What the mesh would find wrong with an object that is not there yet: its own findings, and those of others that it would bring. Beside
 * the objects there are now, so two that are applied together may each be told to miss the other. Where checks come too fast
 * it says nothing: they are warnings, and `heddle check` has them all.
 */
export function candidateCheck(
  published: { readonly snapshot: Snapshot | undefined; problems(): readonly Problem[] },
  objects: () => readonly MeshObject[],
  log: Log,
): (candidate: MeshObject) => readonly Problem[] {
  let notBefore = -Infinity;
  return (candidate) => {
    const started = monotonicClock.now();
    if (started < notBefore) return [];
    try {
      const others = objects().filter((object) => !isSame(object, candidate));
      const known = new Set(published.problems().map(keyOf));
      return problemsWith([...others, candidate], published.snapshot).filter(
        (problem) => isAbout(problem, candidate) || !known.has(keyOf(problem)),
      );
    } catch (error) {
      log.error({ err: error }, "an object could not be checked beside the others");
      return [];
    } finally {
      const ended = monotonicClock.now();
      notBefore = ended + (ended - started) * pauseFactor;
    }
  };
}

function isSame(a: MeshObject, b: MeshObject): boolean {
  return a.kind === b.kind && a.metadata.name === b.metadata.name && a.metadata.namespace === b.metadata.namespace;
}

function isAbout({ object }: Problem, { kind, metadata: { namespace, name } }: MeshObject): boolean {
  return object?.kind === kind && object.namespace === namespace && object.name === name;
}

function keyOf({ code, object, field, message }: Problem): string {
  return [code, object?.kind, object?.namespace, object?.name, field, message].join(" ");
}
