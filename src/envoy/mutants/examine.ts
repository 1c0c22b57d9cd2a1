import type { Problem } from "../../lib/index.ts";
import { buildSnapshot, viewFor, withMembers, type Snapshot } from "../../mesh/index.ts";
import { parseDocuments } from "../../model/index.ts";
import { buildResources } from "../build.ts";
import { checkResources } from "../check.ts";
import { decodeResource } from "../decode.ts";
import { credentialSecrets } from "../credential-secrets.ts";
import { parseCase } from "../golden-case.ts";
import type { ProxyResources } from "../resource.ts";

/**
 * What is wrong with what an input comes to, which is nothing however odd the input is: references that lead nowhere, messages that cannot
 * be read again, bytes that depend on the order of the input or (`before`) on what the mesh was a moment ago. Throws where our code does.
 */
export function examine(text: string, before?: Snapshot): readonly string[] {
  const { proxy, view, snapshot, problems, members } = parseCase(text);
  const complaints = [true, false].flatMap((vhds) => {
    const resources = buildResources(view, { vhds });
    for (const resource of all(resources)) decodeResource(resource);
    return checkResources(resources);
  });
  for (const secret of credentialSecrets(view).values()) decodeResource(secret);
  const fresh = versions(buildResources(view, { vhds: true }));
  if (!problems.some(isOfTwo)) {
    const reversed = parseCase(text, (documents) => documents.toReversed());
    complaints.push(...differences("in another order", fresh, versions(buildResources(reversed.view, { vhds: true }))));
  }
  const objects = withMembers(parseDocuments(text.slice(text.indexOf("\n")), "in.yaml").objects, members);
  if (before) {
    const next = viewFor(buildSnapshot(objects, before).snapshot, proxy);
    complaints.push(...differences("after another mesh", fresh, versions(buildResources(next, { vhds: true }))));
  }
  if (snapshot !== buildSnapshot(objects, snapshot).snapshot) complaints.push("the same objects make another snapshot");
  return complaints;
}

/** Of two objects with one name the first in the file holds. */
function isOfTwo({ message }: Problem): boolean {
  return message.includes("has the same name");
}

function all({ shared, own }: ProxyResources) {
  return [shared, own].flatMap((set) => Object.values(set)).flatMap((map) => [...map.values()]);
}

function versions(resources: ProxyResources): ReadonlyMap<string, string> {
  return new Map(all(resources).map(({ type, name, version }) => [`${type} ${name}`, version]));
}

function differences(when: string, a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): string[] {
  const names = new Set([...a.keys(), ...b.keys()]);
  return [...names].filter((name) => a.get(name) !== b.get(name)).map((name) => `${name} is another one ${when}`);
}
