import type { Credentials } from "../../../e2e/harness/static-bootstrap.ts";
import { textOf, type Fields, type Json } from "./json.ts";
import type { LanePorts } from "./static.ts";

const own = { 15_001: "outbound", 15_006: "inbound" } as const;

/**
 * What a live sidecar has been given (its /config_dump with endpoints) as a bootstrap that needs no control plane and listens elsewhere:
 * the same listeners, clusters, routes and statistics, endpoints and certificates inside instead of on the stream.
 */
export function replay(dump: Json, credentials: Credentials, ports: LanePorts): Fields {
  const { bootstrap } = section(dump, "BootstrapConfigDump");
  const routes = byName(
    list(section(dump, "RoutesConfigDump")["dynamic_route_configs"]).map(({ route_config }) => route_config),
  );
  const assignments = byName(
    list(section(dump, "EndpointsConfigDump")["dynamic_endpoint_configs"]).map(
      ({ endpoint_config }) => endpoint_config,
    ),
    "cluster_name",
  );
  const inPlace = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(inPlace);
    if (typeof value !== "object" || value === null) return value;
    const { rds, vhds: _vhds, sds_config: _sds, eds_cluster_config, ...rest } = value;
    const found: Fields = Object.fromEntries(Object.entries(rest).map(([field, content]) => [field, inPlace(content)]));
    if (rds) found["route_config"] = inPlace(routes.get(textOf((rds as Fields)["route_config_name"])) ?? null);
    if (eds_cluster_config) {
      found["type"] = "STATIC";
      found["load_assignment"] = assignments.get(textOf(value["name"])) ?? null;
    }
    if (typeof value["port_value"] === "number" && value["port_value"] in own) {
      found["port_value"] = ports[own[value["port_value"] as keyof typeof own]];
    }
    return found;
  };
  const { stats_config, deferred_stat_options, layered_runtime } = bootstrap as Fields;
  return {
    ...({ stats_config, deferred_stat_options, layered_runtime } as Fields),
    static_resources: {
      listeners: list(section(dump, "ListenersConfigDump")["dynamic_listeners"])
        .map(({ active_state }) => inPlace((active_state as Fields)["listener"] ?? null))
        .map(untyped),
      clusters: list(section(dump, "ClustersConfigDump")["dynamic_active_clusters"])
        .map(({ cluster }) => inPlace(cluster ?? null))
        .map(untyped),
      secrets: secrets(credentials),
    },
  };
}

function section(dump: Json, name: string): Fields {
  const found = list((dump as Fields)["configs"]).find((config) => textOf(config["@type"]).endsWith(`.${name}`));
  if (!found) throw new Error(`a config dump without ${name}`);
  return found;
}

function list(value: Json | undefined): Fields[] {
  return (value ?? []) as Fields[];
}

function byName(resources: readonly (Json | undefined)[], field = "name"): Map<string, Fields> {
  return new Map(resources.map((resource) => [textOf((resource as Fields)[field]), untyped(resource ?? null)]));
}

function untyped(resource: Json): Fields {
  const { "@type": _, ...fields } = resource as Fields;
  return fields;
}

function secrets({ certificate, privateKey, roots }: Credentials): Json {
  return [
    {
      name: "default",
      tls_certificate: {
        certificate_chain: { inline_string: certificate },
        private_key: { inline_string: privateKey },
      },
    },
    { name: "ROOTCA", validation_context: { trusted_ca: { inline_string: roots } } },
  ];
}
