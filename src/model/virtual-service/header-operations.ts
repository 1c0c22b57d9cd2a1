import { checkHeaderOperation, checkHeaderValue } from "../headers.ts";
import { each, eachEntry, type Place } from "../report.ts";
import type { HttpRoute } from "../types.ts";

/** https://istio.io/latest/docs/reference/config/networking/virtual-service/#Headers */
export function checkHeaders(headers: HttpRoute["headers"], place: Place): void {
  for (const side of ["request", "response"] as const) {
    const at = place.at(side);
    for (const operation of ["add", "set"] as const)
      eachEntry(headers?.[side]?.[operation], at.at(operation), (name, value, entry) => {
        checkHeaderOperation(name, entry, side === "request" ? "may set authority" : "not authority");
        checkHeaderValue(value, entry);
      });
    each(headers?.[side]?.remove, at.at("remove"), (name, entry) => checkHeaderOperation(name, entry, "not authority"));
  }
}
