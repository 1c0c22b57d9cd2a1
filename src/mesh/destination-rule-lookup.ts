import { isVisible } from "./export.ts";
import { isSubsetOf } from "./host.ts";
import { selects, type Labels } from "./labels.ts";
import type { MergedRule, NamespaceRules, RuleIndex } from "./destination-rule.ts";
import type { AppliedDestinationRule, Service } from "./types.ts";

/** Who asks: a namespace and the labels that rules may select by. */
export interface RuleClient {
  readonly namespace: string;
  readonly labels: Labels;
}

/**
 * The DestinationRule that a client applies to a service: from the client's namespace (in the root namespace only its private rules, as
 * the others are meant for all), else exported from the service's namespace, else from the root namespace. The first level with
 * a rule for the host decides; levels do not merge. https://istio.io/latest/docs/ops/best-practices/traffic-management/#cross-namespace-configuration
 */
export function ruleFor(index: RuleIndex, client: RuleClient, service: Service): AppliedDestinationRule | undefined {
  const { rootNamespace } = index.inputs[0];
  const isFor = ({ selector }: MergedRule) => !selector || selects(selector, client.labels);
  const visible = (rule: MergedRule) => isFor(rule) && isVisible(rule.exportTo, rule.namespace, client.namespace);
  const own = (rule: MergedRule) => visible(rule) && (client.namespace !== rootNamespace || isPrivate(rule));
  const found =
    mostSpecific(index, client.namespace, service.hostname, own) ??
    mostSpecific(index, service.namespace, service.hostname, visible) ??
    mostSpecific(index, rootNamespace, service.hostname, visible);
  return (found?.find((rule) => rule.selector) ?? found?.[0])?.applied; // one that selects goes before the one for everybody
}

function isPrivate(rule: MergedRule): boolean {
  return rule.exportTo.every((namespace) => namespace === "." || namespace === rule.namespace);
}

/** The rules of the most specific host that has one which `may` be used. */
function mostSpecific(
  index: RuleIndex,
  namespace: string,
  hostname: string,
  may: (rule: MergedRule) => boolean,
): readonly MergedRule[] | undefined {
  const rules = index.byNamespace.get(namespace)?.value;
  if (!rules) return undefined;
  for (const host of hostsFor(rules, hostname)) {
    const usable = rules.byHost.get(host)?.filter(may);
    if (usable?.length) return usable;
  }
  return undefined;
}

function* hostsFor(rules: NamespaceRules, hostname: string): Iterable<string> {
  if (rules.byHost.has(hostname)) yield hostname;
  for (const host of rules.wildcards) if (host !== hostname && isSubsetOf(hostname, host)) yield host;
}
