import { memo2 } from "../../lib/index.ts";
import type { HttpRoute, MeshObject } from "../../model/index.ts";
import { delegatedRule } from "../delegate.ts";
import type { MeshSettings } from "../types.ts";
import { delegateKey, delegateKeys, isDelegate, keyOf, mayDelegate, ownHttpRules } from "../virtual-service.ts";
import { codes, type Finding } from "./finding.ts";

type RuleObject = MeshObject<"VirtualService">;

/** Delegates that are not there, are none, or are not for who delegates to them; and their rules that no request can reach. */
export const idleDelegates = memo2((settings: MeshSettings, objects: readonly RuleObject[]): readonly Finding[] => {
  if (objects.every((object) => delegateKeys(object).length === 0)) return [];
  const byKey = new Map(objects.map((object) => [keyOf(object.metadata.namespace, object.metadata.name), object]));
  const findings: Finding[] = [];
  const used = new Map<RuleObject, HttpRoute[]>(); // by delegate: the rules that delegate to it
  for (const object of objects) {
    for (const [i, { delegate }] of (object.spec.http ?? []).entries()) {
      const key = delegateKey(object, delegate);
      if (key === undefined) continue;
      const target = byKey.get(key);
      const root = ownHttpRules(settings, object)[i];
      if (target && root && mayDelegate(settings, object, target))
        used.set(target, [...(used.get(target) ?? []), root]);
      else findings.push(notThere(object, i, key, target));
    }
  }
  return [...findings, ...[...used].flatMap(([delegate, roots]) => unreached(settings, delegate, roots))];
});

function notThere(object: RuleObject, i: number, key: string, target: RuleObject | undefined): Finding {
  const path = ["spec", "http", i, "delegate"];
  if (!target || !isDelegate(target)) {
    const message = `there is no VirtualService ${key} without hosts to delegate to`;
    return { code: codes.missingReference, object, path, message };
  }
  const message = `VirtualService ${key} is not for namespace ${object.metadata.namespace}: nothing is delegated to it`;
  return { code: codes.missingReference, object, path, message, hint: "see its exportTo" };
}

function unreached(settings: MeshSettings, delegate: RuleObject, roots: readonly HttpRoute[]): readonly Finding[] {
  return ownHttpRules(settings, delegate).flatMap((rule, i): Finding[] => {
    if (rule.delegate || roots.some((root) => delegatedRule(root, rule))) return [];
    const message = "is never used: a match of it is not within the matches of any rule that delegates here";
    const hint = "give it matches that say what those do, and more";
    return [{ code: codes.unreachableRule, object: delegate, path: ["spec", "http", i], message, hint }];
  });
}
