import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderJson, type ProxyResources } from "../../src/envoy/index.ts";

type Json = null | boolean | number | string | Json[] | { [field: string]: Json };
type Fields = Record<string, Json>;

const typeOf = (word: string) => (resource: Fields) => JSON.stringify(resource["@type"]).endsWith(`.${word}"`);

/** PEM texts of a workload: what would come by SDS. */
export interface Credentials {
  readonly certificate: string;
  readonly privateKey: string;
  readonly roots: string;
}

/**
 * A sidecar's resources as a bootstrap that needs no control plane: listeners and clusters as they are, their routes inside, endpoints and
 * secrets in files of `folder` instead of on the stream. Returns the path of the bootstrap.
 */
export function writeStaticBootstrap(folder: string, resources: ProxyResources, credentials: Credentials): string {
  mkdirSync(folder, { recursive: true });
  const all = structuredClone(renderJson(resources)) as Fields[];
  const routes = new Map(all.filter(typeOf("RouteConfiguration")).map((route) => [route["name"], withoutType(route)]));
  const write = (name: string, resource: Fields) => {
    const path = join(folder, name);
    writeFileSync(path, JSON.stringify({ versionInfo: "1", resources: [resource] }));
    return { pathConfigSource: { path }, resourceApiVersion: "V3" };
  };
  const secrets: Fields = {
    default: write("default.json", workloadSecret(credentials)),
    ROOTCA: write("roots.json", rootSecret(credentials)),
  };
  const assignments = new Map(
    all.filter(typeOf("ClusterLoadAssignment")).map((assignment, index) => {
      return [assignment["clusterName"], write(`endpoints-${index}.json`, assignment)];
    }),
  );
  const onDisk = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(onDisk);
    if (typeof value !== "object" || value === null) return value;
    const { rds, sdsConfig, edsClusterConfig, crl: _, ...rest } = value; // a revocation list must be signed by the CA it is about
    const found: Fields = Object.fromEntries(
      Object.entries(rest).map(([field, content]) => [
        field,
        usersFile(field, content, credentials) ?? onDisk(content),
      ]),
    );
    if (rds) found["routeConfig"] = routes.get((rds as Fields)["routeConfigName"]) as Json;
    if (sdsConfig) found["sdsConfig"] = secrets[value["name"] as string] as Json;
    if (edsClusterConfig) found["edsClusterConfig"] = { edsConfig: assignments.get(value["name"]) as Json };
    return found;
  };
  const bootstrap = {
    node: { id: "golden", cluster: "golden" },
    staticResources: {
      listeners: all.filter(typeOf("Listener")).map(withoutType).map(onDisk),
      clusters: all.filter(typeOf("Cluster")).map(withoutType).map(onDisk),
    },
  };
  const path = join(folder, "bootstrap.json");
  writeFileSync(path, JSON.stringify(bootstrap, null, 1));
  return path;
}

/** A file that a DestinationRule names is not on this machine: something of its kind takes its place. */
function usersFile(field: string, value: Json, { certificate, privateKey, roots }: Credentials): Fields | undefined {
  const contents = { certificateChain: certificate, privateKey, trustedCa: roots };
  const isFile = typeof value === "object" && value !== null && "filename" in value;
  return isFile && field in contents ? { inlineString: contents[field as keyof typeof contents] } : undefined;
}

function withoutType({ "@type": _, ...fields }: Fields): Fields {
  return fields;
}

const secretType = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret";

function workloadSecret({ certificate, privateKey }: Credentials): Fields {
  const tlsCertificate = { certificateChain: { inlineString: certificate }, privateKey: { inlineString: privateKey } };
  return { "@type": secretType, name: "default", tlsCertificate };
}

function rootSecret({ roots }: Credentials): Fields {
  return { "@type": secretType, name: "ROOTCA", validationContext: { trustedCa: { inlineString: roots } } };
}
