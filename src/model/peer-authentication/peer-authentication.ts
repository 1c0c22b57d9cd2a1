import { schema } from "../../../generated/schemas/peer-authentication.ts";
import { codes } from "../codes.ts";
import { groups, istioKind } from "../kind.ts";
import { checkSelector, show } from "../names.ts";

/** What servers accept: https://istio.io/latest/docs/reference/config/security/peer_authentication/ */
export const peerAuthentication = istioKind("PeerAuthentication", groups.security, schema, (spec, place) => {
  const { selector, portLevelMtls } = spec;
  if (selector) checkSelector(selector.matchLabels, place.at("selector"));
  if (!portLevelMtls) return;
  const ports = Object.keys(portLevelMtls);
  const at = place.at("portLevelMtls");
  if (ports.length === 0) at.error(codes.incomplete, "needs at least one port");
  else if (Object.keys(selector?.matchLabels ?? {}).length === 0)
    at.error(codes.conflict, "ports can only be set for selected workloads", "add a selector");
  for (const port of ports)
    if (!/^[1-9][0-9]{0,4}$/.test(port) || Number(port) > 65_535)
      at.at(port).error(codes.port, `"${show(port)}" is not a port: ports are 1 to 65535`);
});
