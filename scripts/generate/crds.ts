/**
 * Writes manifests/crds/*.yaml: a CustomResourceDefinition for every Istio kind and for our own, from generated/schemas.
 *
 * Names, short names, printer columns and served versions are Istio's, so that users, tools and objects may move between the two:
 * https://github.com/istio/istio/tree/master/manifests/charts/base/files. Where a cluster has Istio's own CRDs, those stay.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";

interface Schema {
  type?: string;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  items?: Schema;
  atMostOne?: string[][];
  exactlyOne?: string[][];
  $ref?: string;
  $defs?: Record<string, Schema>;
  [bound: string]: unknown;
}

interface Column {
  name: string;
  jsonPath: string;
  description: string;
}

interface Kind {
  kind: string;
  group: string;
  /** The first is stored. */
  versions: string[];
  plural?: string;
  shortName?: string;
  columns?: Column[];
}

const networking = "networking.istio.io";
const security = "security.istio.io";
const three = ["v1", "v1beta1", "v1alpha3"];
const two = ["v1", "v1beta1"];
const column = (name: string, jsonPath: string, description: string): Column => ({ name, jsonPath, description });
const hosts = column("Hosts", ".spec.hosts", "The hosts it speaks of");

const kinds: Kind[] = [
  {
    kind: "VirtualService",
    group: networking,
    versions: three,
    shortName: "vs",
    columns: [column("Gateways", ".spec.gateways", "The gateways and sidecars that apply it"), hosts],
  },
  {
    kind: "DestinationRule",
    group: networking,
    versions: three,
    shortName: "dr",
    columns: [column("Host", ".spec.host", "The service it is for")],
  },
  {
    kind: "ServiceEntry",
    group: networking,
    versions: three,
    plural: "serviceentries",
    shortName: "se",
    columns: [
      hosts,
      column("Location", ".spec.location", "Inside or outside of the mesh"),
      column("Resolution", ".spec.resolution", "How its addresses are found"),
    ],
  },
  {
    kind: "WorkloadEntry",
    group: networking,
    versions: three,
    plural: "workloadentries",
    shortName: "we",
    columns: [column("Address", ".spec.address", "Its network address")],
  },
  { kind: "WorkloadGroup", group: networking, versions: three, shortName: "wg" },
  { kind: "Gateway", group: networking, versions: three, shortName: "gw" },
  { kind: "Sidecar", group: networking, versions: three },
  { kind: "ProxyConfig", group: networking, versions: ["v1beta1"] },
  { kind: "EnvoyFilter", group: networking, versions: ["v1alpha3"] },
  {
    kind: "PeerAuthentication",
    group: security,
    versions: two,
    shortName: "pa",
    columns: [column("Mode", ".spec.mtls.mode", "The mTLS mode that servers ask for")],
  },
  {
    kind: "AuthorizationPolicy",
    group: security,
    versions: two,
    plural: "authorizationpolicies",
    shortName: "ap",
    columns: [column("Action", ".spec.action", "What happens to requests that match")],
  },
  { kind: "RequestAuthentication", group: security, versions: two, shortName: "ra" },
  {
    kind: "Telemetry",
    group: "telemetry.istio.io",
    versions: ["v1", "v1alpha1"],
    plural: "telemetries",
    shortName: "telemetry",
  },
  { kind: "WasmPlugin", group: "extensions.istio.io", versions: ["v1alpha1"] },
  {
    kind: "RateLimit",
    group: "heddle.io",
    versions: ["v1alpha1"],
    columns: [column("Mode", ".spec.mode", "Whether requests over a limit are refused or only counted")],
  },
];

const root = join(import.meta.dirname, "../..");
const out = join(root, "manifests/crds");

/** A schema as the API server wants it: no references, nothing unknown pruned in silence. */
function structural(schema: Schema, defs: Record<string, Schema>): Schema {
  const shared = schema.$ref?.split("/").pop();
  if (shared !== undefined) return structural(defs[shared] ?? {}, defs);
  const { $defs: _, atMostOne = [], exactlyOne = [], properties, items, additionalProperties, ...rest } = schema;
  const of = (child: Schema): Schema => structural(child, defs);
  const choices = [...atMostOne.map((names) => oneOf(names, true)), ...exactlyOne.map((names) => oneOf(names, false))];
  // google.protobuf.Struct: a field of Envoy's, or a plugin's settings.
  const isOpen =
    Object.keys(properties ?? {}).length === 0 &&
    typeof additionalProperties !== "object" &&
    (schema.type ?? "object") === "object";
  return {
    ...rest,
    ...(isOpen && { "x-kubernetes-preserve-unknown-fields": true }),
    ...(properties &&
      !isOpen && {
        properties: Object.fromEntries(Object.entries(properties).map(([name, child]) => [name, of(child)])),
      }),
    ...(items && { items: of(items) }),
    ...(typeof additionalProperties === "object" && { additionalProperties: of(additionalProperties) }),
    ...(choices.length > 0 && { allOf: choices }),
  };
}

/** One of these fields, or, where `orNone`, none of them. */
function oneOf(names: string[], orNone: boolean): Schema {
  const each = names.map((name) => ({ required: [name] }));
  return { oneOf: [...(orNone ? [{ not: { anyOf: each } }] : []), ...each] };
}

/** https://istio.io/latest/docs/reference/config/meta/v1beta1/istio-status/ */
const status: Schema = {
  type: "object",
  "x-kubernetes-preserve-unknown-fields": true,
  properties: {
    conditions: {
      type: "array",
      items: {
        type: "object",
        properties: {
          type: { type: "string" },
          status: { type: "string" },
          reason: { type: "string" },
          message: { type: "string" },
          lastProbeTime: { type: "string", format: "date-time" },
          lastTransitionTime: { type: "string", format: "date-time" },
          observedGeneration: { "x-kubernetes-int-or-string": true },
        },
      },
    },
    observedGeneration: { "x-kubernetes-int-or-string": true },
    validationMessages: { type: "array", items: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
  },
};

const accepted: Column = {
  name: "Accepted",
  jsonPath: '.status.conditions[?(@.type=="heddle.io/Accepted")].status',
  description: "Whether Heddle took this version over",
};
const live: Column = {
  name: "Live",
  jsonPath: '.status.conditions[?(@.type=="heddle.io/Live")].status',
  description: "Whether every connected proxy holds this version",
};

function definition(
  { kind, group, versions, plural = `${kind.toLowerCase()}s`, shortName, columns = [] }: Kind,
  spec: Schema,
): unknown {
  const print = ({ name, jsonPath, description }: Column, type = "string", priority = 0) => ({
    name,
    type,
    jsonPath,
    description,
    ...(priority > 0 && { priority }),
  });
  const age = print({ name: "Age", jsonPath: ".metadata.creationTimestamp", description: "When it was made" }, "date");
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}`, labels: { "app.kubernetes.io/part-of": "heddle" } },
    spec: {
      group,
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular: kind.toLowerCase(),
        ...(shortName !== undefined && { shortNames: [shortName] }),
        categories: [...(group.endsWith("istio.io") ? ["istio-io"] : []), group.replaceAll(".", "-")],
      },
      scope: "Namespaced",
      versions: versions.map((name, index) => ({
        name,
        served: true,
        storage: index === 0,
        additionalPrinterColumns: [...columns.map((it) => print(it)), print(accepted, "string", 1), print(live), age],
        subresources: { status: {} },
        // As on Istio, a policy whose fields may all be left out may be without a spec; Heddle then says that it has no effect.
        schema: {
          openAPIV3Schema: {
            type: "object",
            ...(spec.required !== undefined && { required: ["spec"] }),
            properties: { spec, status },
          },
        },
      })),
    },
  };
}

mkdirSync(out, { recursive: true });
for (const file of readdirSync(out)) rmSync(join(out, file));
const files: string[] = [];
for (const it of kinds) {
  const name = it.kind.replace(/[a-z](?=[A-Z])/g, "$&-").toLowerCase();
  const { schema } = (await import(join(root, `generated/schemas/${name}.ts`))) as { schema: Schema };
  const spec = structural(schema, schema.$defs ?? {});
  const source = it.group.endsWith("istio.io") ? "@kubernetes-models/istio" : `scripts/generate/own/${name}.yaml`;
  const header = `# Written by scripts/generate/crds.ts from ${source}. Do not edit.\n`;
  const text = stringify(definition(it, spec), { aliasDuplicateObjects: false, lineWidth: 0 });
  writeFileSync(join(out, `${name}.yaml`), header + text);
  files.push(`${name}.yaml`);
}
const kustomization = { apiVersion: "kustomize.config.k8s.io/v1beta1", kind: "Kustomization", resources: files.sort() };
writeFileSync(
  join(out, "kustomization.yaml"),
  `# Written by scripts/generate/crds.ts. Do not edit.\n${stringify(kustomization)}`,
);
