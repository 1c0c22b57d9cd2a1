import { codes } from "./codes.ts";
import type { MetadataDefaults } from "./metadata.ts";
import type { ObjectMeta } from "./object.ts";
import type { Place } from "./report.ts";
import { checkShape, unknownField, type Schema } from "./schema.ts";
import type { Kind, Specs } from "./types.ts";
import { warnUnsupported } from "./unsupported.ts";

export type Fields = Readonly<Record<string, unknown>>;

/** What is known of a kind: where it is written, and how its spec is read. */
export interface KindDefinition<K extends Kind = Kind> {
  readonly kind: K;
  readonly apiVersions: readonly string[];
  readonly metadata: MetadataDefaults;
  /** The spec of a raw object, reporting what is wrong with it. Its result counts only if nothing was reported as an error. */
  parse(raw: Fields, place: Place, metadata: ObjectMeta): Specs[K];
}

const defaults: MetadataDefaults = { namespace: "default" };
const networking = ["v1", "v1beta1", "v1alpha3"].map((version) => `networking.istio.io/${version}`);
const security = ["v1", "v1beta1"].map((version) => `security.istio.io/${version}`);

/** Istio's groups; the versions of one kind are the same but for their name. Ours is for what Istio has no kind for. */
export const groups = { networking, security, heddle: ["heddle.io/v1alpha1"] };

/**
 * A kind of Istio, or one of our own in its manner: its spec has the shape of `schema`, then `check` says what it must mean.
 * `check` may bring host names to their normal form.
 */
export function istioKind<K extends Kind>(
  kind: K,
  apiVersions: readonly string[],
  schema: Schema,
  check: (spec: Specs[K], place: Place, metadata: ObjectMeta) => void,
): KindDefinition<K> {
  return {
    kind,
    apiVersions,
    metadata: defaults,
    parse(raw, place, metadata) {
      checkTopLevel(raw, place, "spec");
      const spec = place.at("spec");
      // Without a spec many kinds mean something harmless, and so does a file cut off in the middle: never by accident.
      if (!Object.hasOwn(raw, "spec"))
        place.error(codes.missing, 'the field "spec" is missing', "write spec: {} if it is meant");
      else checkShape(raw.spec, schema, spec);
      const parsed = raw.spec as Specs[K];
      if (!place.report.failed) check(parsed, spec, metadata);
      if (!place.report.failed) warnUnsupported(kind, parsed, spec);
      return parsed;
    },
  };
}

/** A kind of Kubernetes: lenient, since the API server has checked it; `parse` keeps the fields we use. */
export function kubernetesKind<K extends Kind>(
  kind: K,
  apiVersion: string,
  parse: (raw: Fields, place: Place, metadata: ObjectMeta) => Specs[K],
  metadata: MetadataDefaults = defaults,
): KindDefinition<K> {
  return {
    kind,
    apiVersions: [apiVersion],
    metadata,
    parse(raw, place, meta) {
      const spec = parse(raw, place, meta);
      if (!place.report.failed) warnUnsupported(kind, raw.spec, place.at("spec"));
      return spec;
    },
  };
}

/** Reports fields beside apiVersion, kind, metadata, status and the kind's own. */
function checkTopLevel(raw: Fields, place: Place, ...own: readonly string[]): void {
  const known = ["apiVersion", "kind", "metadata", "status", ...own];
  for (const name of Object.keys(raw)) if (!known.includes(name)) unknownField(place.at(name), name, known);
}
