import { memo } from "../../lib/index.ts";
import type { MeshObject } from "../../model/index.ts";
import { codes, type Finding } from "./finding.ts";

type Entry = MeshObject<"ServiceEntry">;

/**
 * TCP ports of ServiceEntries without addresses: what goes to that port is told from nothing else that does.
 * https://istio.io/latest/docs/reference/config/analysis/ist0134/
 */
export const entryAddresses = memo((entries: readonly Entry[]): readonly Finding[] => entries.flatMap(ofEntry));

const ofEntry = memo((object: Entry): readonly Finding[] => {
  const { addresses = [], ports = [] } = object.spec;
  if (addresses.length > 0) return [];
  return ports.flatMap(({ protocol = "", number }, i): Finding[] => {
    if (protocol !== "" && protocol.toUpperCase() !== "TCP") return [];
    return [
      {
        code: codes.addressNeeded,
        level: "info",
        object,
        path: ["spec", "ports", i],
        message: `without addresses it takes all that goes to port ${number} of any address that nobody else has`,
        hint: "give it addresses; where the proxy answers DNS (docs/dns.md) it has one by itself",
      },
    ];
  });
});
