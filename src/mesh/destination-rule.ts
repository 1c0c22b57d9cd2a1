import { memo } from "../lib/index.ts";
import type { MeshObject, Subset } from "../model/index.ts";
import { exportToFor } from "./export.ts";
import { bySpecificity, resolveShortName } from "./host.ts";
import type { Labels } from "./labels.ts";
import { ofKind, type ObjectIndex } from "./objects.ts";
import { derive, groupBy, keepContent, sameContent, type Derived } from "./sharing.ts";
import type { AppliedDestinationRule, MeshSettings } from "./types.ts";

type RuleObject = MeshObject<"DestinationRule">;

/** DestinationRules of one namespace for one host that agree on who they are for, merged. */
export interface MergedRule {
  readonly namespace: string;
  readonly host: string;
  readonly exportTo: readonly string[];
  readonly selector?: Labels; // only for workloads of its own namespace
  readonly applied: AppliedDestinationRule;
}

/** The rules of one namespace by host, most specific host first. */
export interface NamespaceRules {
  readonly entries: ReadonlyMap<string, Derived<readonly MergedRule[]>>;
  readonly byHost: ReadonlyMap<string, readonly MergedRule[]>;
  readonly wildcards: readonly string[]; // most specific first
}

/** The same object while no DestinationRule changes. */
export interface RuleIndex {
  readonly inputs: readonly [settings: MeshSettings, objects: readonly RuleObject[]];
  readonly groups: ReadonlyMap<string, readonly RuleObject[]>;
  readonly byNamespace: ReadonlyMap<string, Derived<NamespaceRules>>;
}

/** https://istio.io/latest/docs/reference/config/networking/destination-rule/ */
export function buildRules(objects: ObjectIndex, settings: MeshSettings, previous?: RuleIndex): RuleIndex {
  const inputs = [settings, ofKind(objects, "DestinationRule")] as const;
  if (previous?.inputs[0] === settings && previous.inputs[1] === inputs[1]) return previous;
  const groups = groupBy(inputs[1], (rule) => rule.metadata.namespace, previous?.groups);
  const byNamespace = new Map<string, Derived<NamespaceRules>>();
  for (const [namespace, rules] of groups) {
    const build = (old?: NamespaceRules) => namespaceRules(settings, rules, old);
    byNamespace.set(namespace, derive(previous?.byNamespace.get(namespace), [settings, rules], build));
  }
  return { inputs, groups, byNamespace };
}

function namespaceRules(settings: MeshSettings, rules: readonly RuleObject[], old?: NamespaceRules): NamespaceRules {
  const hostOf = (rule: RuleObject) => resolveShortName(rule.spec.host, rule.metadata.namespace, settings.domain);
  const entries = new Map<string, Derived<readonly MergedRule[]>>();
  const byHost = new Map<string, readonly MergedRule[]>();
  for (const [host, group] of groupBy(rules, hostOf)) {
    const entry = derive(old?.entries.get(host), [settings, ...group], (before) =>
      mergeRules(settings, host, group, before),
    );
    entries.set(host, entry);
    byHost.set(host, entry.value);
  }
  const wildcards = [...byHost.keys()].filter((host) => host.startsWith("*")).sort(bySpecificity);
  return { entries, byHost, wildcards };
}

/** Rules for one host merge when they are exported alike and select alike (Istio's enhanced merge); oldest first. */
function mergeRules(
  settings: MeshSettings,
  host: string,
  rules: readonly RuleObject[],
  old: readonly MergedRule[] = [],
): readonly MergedRule[] {
  const groups: { selector?: Labels; exportTo: readonly string[]; rules: RuleObject[] }[] = [];
  for (const rule of rules) {
    const selector = rule.spec.workloadSelector?.matchLabels;
    const exportTo = selector
      ? ownNamespace
      : exportToFor(rule.spec.exportTo, settings.config.defaultDestinationRuleExportTo);
    const group = groups.find(
      (g) => sameContent(g.selector, selector) && sameContent([...g.exportTo].sort(), [...exportTo].sort()),
    );
    if (group) group.rules.push(rule);
    else groups.push({ ...(selector && { selector }), exportTo, rules: [rule] });
  }
  return Object.freeze(
    groups.map(({ rules: group, ...who }, i) => {
      const merged = merge(group);
      const next = who.selector ? Object.freeze({ ...merged, selects: true as const }) : merged;
      const applied = keepApplied(old[i]?.applied, next);
      const namespace = group[0]?.metadata.namespace ?? "";
      return keepContent(old[i], { namespace, host, ...who, applied });
    }),
  );
}

/** Clusters name the first of their rules, so one of another name does not say the same. */
function keepApplied(old: AppliedDestinationRule | undefined, next: AppliedDestinationRule): AppliedDestinationRule {
  const [before, now] = [old, next].map((applied) => applied?.objects[0]?.metadata.name);
  return before === now ? keepContent(old, next, "objects") : next;
}

/** A rule that selects workloads is for those of its own namespace. */
const ownNamespace: readonly string[] = Object.freeze(["."]);

/** The first trafficPolicy and the first subset of a name win. */
function merge(rules: readonly RuleObject[]): AppliedDestinationRule {
  const subsets = new Map<string, Subset>();
  for (const subset of rules.flatMap((rule) => rule.spec.subsets ?? [])) {
    if (!subsets.has(subset.name)) subsets.set(subset.name, subset);
  }
  const trafficPolicy = rules.find((rule) => rule.spec.trafficPolicy)?.spec.trafficPolicy;
  return Object.freeze({
    ...(trafficPolicy && { trafficPolicy }),
    subsets: Object.freeze([...subsets.values()]),
    objects: Object.freeze([...rules]),
  });
}

/** The label keys that workload selectors of a namespace's rules mention. */
export const selectorKeys = memo((rules: NamespaceRules): readonly string[] => {
  const keys = new Set<string>();
  for (const rule of [...rules.byHost.values()].flat())
    for (const key of Object.keys(rule.selector ?? {})) keys.add(key);
  return Object.freeze([...keys].sort());
});
