import { bareObject, type Parsed, type Problem } from "../../lib/index.ts";
import { invalid } from "../problems.ts";

/** A map of JSON values. What injection does not know of, it keeps. */
export type Fields = Readonly<Record<string, unknown>>;

/** Something with a name in a list: a container, a volume. */
export interface Named extends Fields {
  readonly name: string;
}

/** The part of a Pod, or of a pod template, that injection reads: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/ */
export interface Pod extends Fields {
  readonly metadata: PodMetadata;
  readonly spec: PodSpec;
}

export interface PodMetadata extends Fields {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface PodSpec extends Fields {
  readonly containers: readonly Named[];
  readonly initContainers: readonly Named[];
  readonly volumes: readonly Named[];
}

/** More than any pod has; the API server has no limit of its own but the object's size. */
const maxContainers = 500;

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isNamed(value: unknown): value is Named {
  return isFields(value) && typeof value["name"] === "string";
}

/** The map at a key; empty where there is none. */
export function fieldsAt(fields: Fields | undefined, key: string): Fields {
  const value = fields?.[key];
  return isFields(value) ? value : {};
}

function textsAt(fields: Fields, key: string, at: string, problems: Problem[]): Record<string, string> {
  const value = fields[key] ?? {};
  const texts = bareObject<string>(); // a label may be called __proto__
  if (!isFields(value)) {
    problems.push(invalid(`${at}.${key}`, "not a map"));
    return texts;
  }
  for (const [name, text] of Object.entries(value)) {
    if (typeof text === "string") texts[name] = text;
    else problems.push(invalid(`${at}.${key}["${name.slice(0, 100)}"]`, "not a string", "write it in quotes"));
  }
  return texts;
}

function namedAt(fields: Fields, key: string, at: string, problems: Problem[]): readonly Named[] {
  const value = fields[key] ?? [];
  if (!Array.isArray(value)) {
    problems.push(invalid(`${at}.${key}`, "not a list"));
    return [];
  }
  if (value.length > maxContainers) {
    problems.push(invalid(`${at}.${key}`, `more than ${maxContainers} entries`));
    return [];
  }
  return value.flatMap((item: unknown, i) => {
    if (isNamed(item)) return [item];
    problems.push(invalid(`${at}.${key}[${i}]`, "not a map with a name"));
    return [];
  });
}

/** Reads a pod or a pod template out of plain JSON; problems name fields below `at`, such as `spec.template`. Lists that are left out are empty. */
export function parsePod(value: unknown, at = ""): Parsed<Pod> {
  const problems: Problem[] = [];
  const field = (name: string): string => (at === "" ? name : `${at}.${name}`);
  if (!isFields(value)) return { problems: [invalid(at || "pod", "not a map")] };
  const metadata = value["metadata"] ?? {};
  const spec = value["spec"];
  if (!isFields(metadata)) problems.push(invalid(field("metadata"), "not a map"));
  if (!isFields(spec)) problems.push(invalid(field("spec"), "not a map"));
  if (!isFields(metadata) || !isFields(spec)) return { problems };
  const pod: Pod = {
    ...value,
    metadata: {
      ...metadata,
      labels: textsAt(metadata, "labels", field("metadata"), problems),
      annotations: textsAt(metadata, "annotations", field("metadata"), problems),
    },
    spec: {
      ...spec,
      containers: namedAt(spec, "containers", field("spec"), problems),
      initContainers: namedAt(spec, "initContainers", field("spec"), problems),
      volumes: namedAt(spec, "volumes", field("spec"), problems),
    },
  };
  return problems.length > 0 ? { problems } : { value: pod, problems };
}
