import { codes } from "../codes.ts";
import { isLabel, isSubdomain, show } from "../names.ts";
import type { Place } from "../report.ts";

/** The name of a Secret of the proxy's namespace, which `kubernetes://namespace/name` may spell out. */
export function checkCredential(name: string, place: Place): void {
  const parts = name.replace(/^kubernetes(-gateway)?:\/\//, "").split("/");
  const secret = parts.pop() ?? "";
  const [namespace, ...more] = parts;
  if (!isSubdomain(secret) || more.length > 0 || (namespace !== undefined && !isLabel(namespace)))
    place.error(codes.name, `"${show(name)}" is not the name of a Secret`);
}
