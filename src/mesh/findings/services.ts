import { memo } from "../../lib/index.ts";
import type { Registry } from "../registry.ts";
import type { Service } from "../types.ts";
import { codes, type Finding } from "./finding.ts";

/** Hosts that another object of the same namespace defines already, and does not share. */
export const shadowedServices = memo((entries: Registry["entries"]): readonly Finding[] => {
  const findings: Finding[] = [];
  for (const { inputs, value } of entries.values()) {
    if (inputs.length === value.parts.length) continue;
    for (const service of inputs as readonly Service[]) {
      if (!value.parts.includes(service)) findings.push(shadowed(service, value.service));
    }
  }
  return findings;
});

function shadowed(service: Service, by: Service): Finding {
  const i =
    service.object.kind === "ServiceEntry"
      ? service.object.spec.hosts.findIndex((host) => host.toLowerCase() === service.hostname)
      : -1;
  return {
    code: codes.shadowed,
    object: service.object,
    path: i < 0 ? ["metadata", "name"] : ["spec", "hosts", i],
    message: `${by.object.kind} ${by.namespace}/${by.name} defines ${service.hostname} already: this one is not used`,
    hint: "ServiceEntries for one host share it when resolution, labels and exportTo are the same",
  };
}
