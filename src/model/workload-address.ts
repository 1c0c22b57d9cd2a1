import { codes } from "./codes.ts";
import { checkHost, checkLabels, checkPort, checkUnixPath, isIp, isLabel, show } from "./names.ts";
import { eachEntry, type Place } from "./report.ts";
import type { WorkloadEntrySpec } from "./types.ts";

/** What the ServiceEntry around an endpoint says; undefined for a WorkloadEntry of its own. */
export interface EndpointRules {
  readonly portNames: ReadonlySet<string>;
  readonly allowNames: boolean;
}

/** Reports an address, ports or labels that no workload can have. Shared by WorkloadEntry and ServiceEntry.endpoints. */
export function checkWorkload(entry: WorkloadEntrySpec, place: Place, rules?: EndpointRules): void {
  const { address = "" } = entry;
  const unix = address.startsWith("unix://");
  if (address === "") {
    if (entry.network === undefined || entry.network === "") place.error(codes.incomplete, "an address is required");
    else place.warn(codes.incomplete, `has no address, only the network "${show(entry.network)}"`);
  } else if (unix) {
    checkUnixPath(address.slice("unix://".length), place.at("address"));
    if (Object.keys(entry.ports ?? {}).length > 0)
      place.at("ports").error(codes.conflict, "a Unix socket has no ports");
    if (rules && rules.portNames.size !== 1)
      place.at("address").error(codes.conflict, "a Unix socket needs exactly one service port");
  } else if (!isIp(address)) {
    if (rules && !rules.allowNames) place.at("address").error(codes.address, `"${show(address)}" is not an IP address`);
    else checkHost(address, place.at("address"));
  }
  checkWorkloadPorts(entry.ports, place.at("ports"), rules);
  checkLabels(entry.labels, place.at("labels"));
}

/** Reports names and numbers that no ports of a workload have. */
export function checkWorkloadPorts(ports: WorkloadEntrySpec["ports"], place: Place, rules?: EndpointRules): void {
  eachEntry(ports, place, (name, port, at) => {
    if (rules && !rules.portNames.has(name)) at.error(codes.port, `the service has no port "${show(name)}"`);
    else if (!isLabel(name)) at.error(codes.port, `"${show(name)}" is not a port name`);
    checkPort(port, at);
  });
}
