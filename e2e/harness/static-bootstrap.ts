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
  const secrets = new Map<string, Json>();
  /** Roots by their Istio names; everything else is a key pair. */
  const secretSource = (name: string): Json => {
    const isRoots = name === "ROOTCA" || name.endsWith("-cacert") || name.startsWith("file-root:");
    const made = isRoots ? rootSecret(credentials, name) : workloadSecret(credentials, name);
    const source = secrets.get(name) ?? write(`secret-${secrets.size}.json`, made);
    secrets.set(name, source);
    return source;
  };
  const assignments = new Map(
    all.filter(typeOf("ClusterLoadAssignment")).map((assignment, index) => {
      return [assignment["clusterName"], write(`endpoints-${index}.json`, assignment)];
    }),
  );
  /** A cluster's assignment has its own name, or the one it asks for. */
  const edsOf = (cluster: Fields): Json => {
    const { serviceName } = cluster["edsClusterConfig"] as Fields;
    const source = assignments.get(serviceName ?? cluster["name"]) as Json;
    return { edsConfig: source, ...(serviceName !== undefined && { serviceName }) };
  };
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
    if (sdsConfig) found["sdsConfig"] = secretSource(value["name"] as string);
    if (edsClusterConfig) found["edsClusterConfig"] = edsOf(value);
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

function workloadSecret({ certificate, privateKey }: Credentials, name: string): Fields {
  const tlsCertificate = { certificateChain: { inlineString: certificate }, privateKey: { inlineString: privateKey } };
  return { "@type": secretType, name, tlsCertificate };
}

function rootSecret({ roots }: Credentials, name: string): Fields {
  return { "@type": secretType, name, validationContext: { trustedCa: { inlineString: roots } } };
}
