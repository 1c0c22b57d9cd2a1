/** Every field of every kind, from generated/schemas; of MeshConfig those that we read. */
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { MeshObject } from "../../src/model/index.ts";

interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

/** The order of the kinds in the table; a kind with a schema that is not here comes last. */
const order = ["VirtualService", "DestinationRule", "ServiceEntry", "WorkloadEntry", "WorkloadGroup", "Gateway"];

const meshConfig = {
  trustDomain: 0,
  trustDomainAliases: 0,
  rootNamespace: 0,
  enableAutoMtls: 0,
  outboundTrafficPolicy: 0,
  connectTimeout: 0,
  protocolDetectionTimeout: 0,
  tcpKeepalive: 0,
  defaultHttpRetryPolicy: 0,
  defaultServiceExportTo: 0,
  defaultVirtualServiceExportTo: 0,
  defaultDestinationRuleExportTo: 0,
  localityLbSetting: 0,
  accessLogFile: 0,
  accessLogFormat: 0,
  accessLogEncoding: 0,
  dnsRefreshRate: 0,
  defaultConfig: 0,
  meshNetworks: 0,
  pathNormalization: 0,
} satisfies Record<keyof MeshObject<"MeshConfig">["spec"], 0>;

/** Their schemas are there for their CRDs; they are no part of the networking API. */
const otherApis: ReadonlySet<string> = new Set([
  "AuthorizationPolicy",
  "RequestAuthentication",
  "Telemetry",
  "WasmPlugin",
]);

/** Fields by kind, as `Kind.path.of[].field`, in the order of Istio's own documentation. */
export async function readFields(root: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const fields = new Map<string, readonly string[]>();
  const files = globSync("generated/schemas/*.ts", { cwd: root })
    .map((file) => ({ file, kind: kindOf(file) }))
    .filter(({ kind }) => !otherApis.has(kind));
  const rank = (kind: string): number => (order.indexOf(kind) + order.length + 1) % (order.length + 1);
  files.sort((a, b) => rank(a.kind) - rank(b.kind) || (a.kind < b.kind ? -1 : 1));
  for (const { file, kind } of files) {
    const { schema } = (await import(pathToFileURL(join(root, file)).href)) as { schema: Schema };
    fields.set(kind, [...new Set(fieldsOf(schema, schema, kind).map(normalField))]);
  }
  return fields.set(
    "MeshConfig",
    Object.keys(meshConfig).map((field) => `MeshConfig.${field}`),
  );
}

/** `generated/schemas/virtual-service.ts` is VirtualService's. */
function kindOf(file: string): string {
  return basename(file, ".ts").replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function fieldsOf(schema: Schema, whole: Schema, path: string): string[] {
  const here = schema.$ref === undefined ? schema : (whole.$defs?.[schema.$ref.slice("#/$defs/".length)] ?? {});
  const own = Object.entries(here.properties ?? {}).flatMap(([name, child]) => [
    `${path}.${name}`,
    ...fieldsOf(child, whole, `${path}.${name}`),
  ]);
  return here.items ? [...own, ...fieldsOf(here.items, whole, `${path}[]`)] : own;
}

/** A policy's parts are the same at each level where it may stand; that a level has them is asked for the parts alone. */
export function normalField(field: string): string {
  const level = /^(\w+)\.(?:subsets\[\]\.)?trafficPolicy(?:\.portLevelSettings\[\])?\.(\w+)(\.|\[)/;
  return field
    .replace("subsets[].trafficPolicy.portLevelSettings[]", "trafficPolicy.portLevelSettings[]")
    .replace(level, "$1.trafficPolicy.$2$3");
}

/** The text of a file of the project. */
export function readText(root: string, file: string): string {
  return readFileSync(join(root, file), "utf8");
}
