import { codes } from "../codes.ts";
import type { Place } from "../report.ts";

/** Reports what Envoy cannot answer with. */
export function checkStatus(status: number, place: Place): void {
  if (status < 200 || status > 599) place.error(codes.value, `${status} is not an HTTP status from 200 to 599`);
}
