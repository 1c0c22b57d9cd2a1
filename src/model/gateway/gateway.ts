import { schema } from "../../../generated/schemas/gateway.ts";
import { codes } from "../codes.ts";
import { groups, istioKind } from "../kind.ts";
import { checkLabels, show } from "../names.ts";
import { each } from "../report.ts";
import type { GatewaySpec } from "../types.ts";
import { normaliseServerHosts } from "./hosts.ts";
import { checkServer } from "./server.ts";

/** What comes in or goes out at the edge of the mesh, and where: https://istio.io/latest/docs/reference/config/networking/gateway/ */
export const gateway = istioKind("Gateway", groups.networking, schema, (spec, place) => {
  normaliseServerHosts(spec);
  const { servers = [], selector } = spec;
  if (servers.length === 0) place.at("servers").error(codes.incomplete, "needs at least one server");
  checkLabels(selector, place.at("selector"));
  if (Object.keys(selector ?? {}).length === 0)
    place.at("selector").warn(codes.selector, "has no labels: it selects every gateway of the mesh");
  each(servers, place.at("servers"), checkServer);
  const names = new Set<string>();
  each(servers, place.at("servers"), ({ port: { name } }: Server, at) => {
    if (names.has(name)) at.at("port", "name").error(codes.duplicate, `the port name "${show(name)}" stands twice`);
    names.add(name);
  });
});

type Server = NonNullable<GatewaySpec["servers"]>[number];
