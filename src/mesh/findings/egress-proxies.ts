import { memo3 } from "../../lib/index.ts";
import type { RuleIndex } from "../destination-rule.ts";
import { resolveShortName } from "../host.ts";
import { egressOf, importsOf, type SidecarObject } from "../sidecar.ts";
import type { Service } from "../types.ts";
import { missingDestination } from "./destinations.ts";
import { codes, type Finding } from "./finding.ts";

const path = ["spec", "outboundTrafficPolicy", "egressProxy"];

/** Egress proxies of Sidecars that are not there, or that the Sidecar does not import: what they were to take goes nowhere. */
export const missingEgressProxies = memo3(
  (services: readonly Service[], rules: RuleIndex, sidecars: readonly SidecarObject[]): readonly Finding[] =>
    sidecars.flatMap((object) => {
      const proxy = object.spec.outboundTrafficPolicy?.egressProxy;
      if (!proxy) return [];
      const { namespace } = object.metadata;
      const missing = missingDestination(services, rules, namespace, proxy);
      if (missing) return { object, ...missing, path: [...path, ...missing.path] };
      return imports(object, proxy.host, services, rules.inputs[0].domain) ? [] : notImported(object, proxy.host);
    }),
);

function imports(object: SidecarObject, host: string, services: readonly Service[], domain: string): boolean {
  const { namespace } = object.metadata;
  const name = resolveShortName(host, namespace, domain);
  const owners = services.filter(({ hostname }) => hostname === name);
  const written = egressOf(object);
  return (
    !written || written.some((spec) => owners.some((one) => importsOf(spec, namespace).imports(one.namespace, name)))
  );
}

function notImported(object: SidecarObject, host: string): Finding {
  const message = `the Sidecar does not import its egress proxy ${host}: what no service claims goes nowhere`;
  return {
    code: codes.missingReference,
    object,
    path: [...path, "host"],
    message,
    hint: "add it to the hosts of an egress listener",
  };
}
