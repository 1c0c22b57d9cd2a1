import { codes } from "../codes.ts";
import { checkHost, isLabel, show } from "../names.ts";
import { each, type Place } from "../report.ts";

/** Reports what is no `gateway` or `namespace/gateway`. */
export function checkGatewayNames(names: readonly string[] | undefined, place: Place): void {
  each(names, place, (name, at) => {
    const [namespace = "", gateway, ...more] = name.split("/");
    if (gateway === undefined) {
      checkHost(name, at);
      if (name.includes(".")) at.warn(codes.gateway, `"${show(name)}" is an old form`, "write namespace/name");
      return;
    }
    if (!isLabel(namespace) || !isLabel(gateway) || more.length > 0)
      at.error(codes.gateway, `"${show(name)}" is not a gateway`, "write name or namespace/name");
  });
}
