import type { Problem } from "../../lib/index.ts";
import {
  buildSnapshot,
  viewFor,
  withMembers,
  type Member,
  type Proxy,
  type ProxyView,
  type Snapshot,
} from "../../mesh/index.ts";
import { parseDocuments, type MeshObject } from "../../model/index.ts";
import { buildResources } from "../build.ts";
import { checkResources } from "../check.ts";
import { decodeResource } from "../decode.ts";
import { credentialSecrets } from "../credential-secrets.ts";
import { parseCase } from "../golden-case.ts";
import type { ProxyResources } from "../resource.ts";

/** A mesh that the input changes, and is changed back to. */
export interface Before {
  readonly proxy: Proxy;
  readonly snapshot: Snapshot;
  readonly objects: readonly MeshObject[];
  readonly versions: Versions;
}

export function before(text: string): Before {
  const { proxy, snapshot, view, members } = parseCase(text);
  return { proxy, snapshot, objects: objectsOf(text, members), versions: versions(view) };
}

/**
 * What is wrong with what an input comes to, which is nothing however odd the input is: references that lead nowhere, messages that cannot
 * be read again, bytes that depend on the order of the input or on what the mesh was a moment ago. Throws where our code does.
 */
export function examine(text: string, was: Before): readonly string[] {
  const { proxy, view, snapshot, problems, members } = parseCase(text);
  const complaints = [true, false].flatMap((vhds) => {
    const resources = buildResources(view, { vhds });
    for (const resource of all(resources)) decodeResource(resource);
    return checkResources(resources);
  });
  for (const secret of credentialSecrets(view).values()) decodeResource(secret);
  const fresh = versions(view);
  if (!problems.some(isOfTwo)) {
    const reversed = parseCase(text, (documents) => documents.toReversed());
    complaints.push(...differences("in another order", fresh, versions(reversed.view)));
  }
  const objects = objectsOf(text, members);
  const next = buildSnapshot(objects, was.snapshot).snapshot;
  complaints.push(...differences("after another mesh", fresh, versions(viewFor(next, proxy))));
  const again = versions(viewFor(buildSnapshot(was.objects, next).snapshot, was.proxy));
  complaints.push(...differences("in the mesh before, once it is back", was.versions, again));
  if (snapshot !== buildSnapshot(objects, snapshot).snapshot) complaints.push("the same objects make another snapshot");
  return complaints;
}

/** What `parseCase` makes a mesh of, read once more. */
function objectsOf(text: string, members: readonly Member[]): readonly MeshObject[] {
  return withMembers(parseDocuments(text.slice(text.indexOf("\n")), "in.yaml").objects, members);
}

/** Of two objects with one name the first in the file holds. */
function isOfTwo({ message }: Problem): boolean {
  return message.includes("has the same name");
}

function all({ shared, own }: ProxyResources) {
  return [shared, own].flatMap((set) => Object.values(set)).flatMap((map) => [...map.values()]);
}

type Versions = ReadonlyMap<string, string>;

function versions(view: ProxyView): Versions {
  return new Map(
    all(buildResources(view, { vhds: true })).map(({ type, name, version }) => [`${type} ${name}`, version]),
  );
}

function differences(when: string, a: Versions, b: Versions): string[] {
  const names = new Set([...a.keys(), ...b.keys()]);
  return [...names].filter((name) => a.get(name) !== b.get(name)).map((name) => `${name} is another one ${when}`);
}
