import { isDeepStrictEqual } from "node:util";
import type { ApiAnswer, KubernetesApi } from "./api.ts";
import { at, listAt, textAt, type Json } from "./json.ts";
import { expected } from "./refusal.ts";

/** Istio's annotations of an entry that a workload got by joining: the group, the replica it is connected to, and since when. */
const annotation = {
  group: "istio.io/autoRegistrationGroup",
  controller: "istio.io/workloadController",
  connectedAt: "istio.io/connectedAt",
} as const;
const healthy = "Healthy";

/** A WorkloadEntry as one would write it, and who writes it since when. */
export interface MemberEntry {
  readonly entry: Json; // with apiVersion, metadata, spec and, where its health counts, status
  readonly replica: string;
  readonly connectedAt: string; // RFC 3339
}

/** Where an entry is. */
export interface EntryPlace {
  readonly apiVersion: string;
  readonly namespace: string;
  readonly name: string;
}

/** Other replicas and the API server's own writers change an entry too: so often what we read may be old when we write. */
const attempts = 5;

/**
 * Brings a member's WorkloadEntry to what it should be. An entry that somebody has written by hand stays as it is, and so does one whose workload
 * has connected to another replica since. Rejects where the API server cannot be asked, or refuses.
 * https://istio.io/latest/docs/ops/deployment/vm-architecture/#workload-registration
 */
export async function keepMemberEntry(api: KubernetesApi, wanted: MemberEntry): Promise<void> {
  const place = placeOf(wanted.entry);
  for (let attempt = 0; attempt < attempts; attempt++) {
    const found = await readEntry(api, place);
    if (found && !isOurs(found, wanted)) return;
    const written = found ? await replaceEntry(api, place, found, wanted) : await createEntry(api, place, wanted);
    if (written && (await writeHealth(api, place, written, wanted))) return;
  }
  throw new Error(`WorkloadEntry ${place.namespace}/${place.name} changes faster than it can be written`);
}

/** Removes a member's entry, if this replica was the last to which its workload was connected. */
export async function removeMemberEntry(api: KubernetesApi, place: EntryPlace, replica: string): Promise<void> {
  await removeIf(api, place, (found) => textAt(found, "metadata", "annotations", annotation.controller) === replica);
}

/** Removes the entry of a workload that has connected nowhere since that time, whichever replica was the last. */
export async function removeStaleEntry(api: KubernetesApi, place: EntryPlace, connectedAt: string): Promise<void> {
  await removeIf(
    api,
    place,
    (found) => textAt(found, "metadata", "annotations", annotation.connectedAt) === connectedAt,
  );
}

async function removeIf(api: KubernetesApi, place: EntryPlace, mayGo: (found: unknown) => boolean): Promise<void> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const found = await readEntry(api, place);
    if (!found || groupOf(found) === undefined || !mayGo(found)) return;
    const { uid, resourceVersion } = { uid: textAt(found, "metadata", "uid"), resourceVersion: versionOf(found) };
    const body = { preconditions: { uid, resourceVersion } };
    const answer = await api.call({ method: "DELETE", path: pathOf(place), body });
    if (answer.status !== 409) return void expected(answer, 200, 202, 404);
  }
}

const listOf = ({ apiVersion, namespace }: EntryPlace): string =>
  `/apis/${apiVersion}/namespaces/${encodeURIComponent(namespace)}/workloadentries`;
const pathOf = (place: EntryPlace): string => `${listOf(place)}/${encodeURIComponent(place.name)}`;

function placeOf(entry: Json): EntryPlace {
  const text = (...path: readonly string[]): string => textAt(entry, ...path) ?? "";
  return { apiVersion: text("apiVersion"), namespace: text("metadata", "namespace"), name: text("metadata", "name") };
}

const groupOf = (found: unknown): string | undefined => textAt(found, "metadata", "annotations", annotation.group);
const versionOf = (found: unknown): string => textAt(found, "metadata", "resourceVersion") ?? "";

async function readEntry(api: KubernetesApi, place: EntryPlace): Promise<unknown> {
  const answer = await api.call({ method: "GET", path: pathOf(place) });
  return answer.status === 404 ? undefined : expected(answer, 200);
}

/** Made by joining, and by nobody who came later than we. */
function isOurs(found: unknown, { replica, connectedAt }: MemberEntry): boolean {
  if (groupOf(found) === undefined) return false;
  const other = textAt(found, "metadata", "annotations", annotation.controller);
  const since = textAt(found, "metadata", "annotations", annotation.connectedAt) ?? "";
  return other === replica || !(Date.parse(since) > Date.parse(connectedAt));
}

/** The entry with our annotations. */
function metadataOf({ entry, replica, connectedAt }: MemberEntry): Json {
  const metadata = at(entry, "metadata") as Json;
  const ours = { [annotation.controller]: replica, [annotation.connectedAt]: connectedAt };
  return { ...metadata, annotations: { ...(metadata["annotations"] as Json), ...ours } };
}

/** What was written; undefined: it has changed meanwhile. */
async function createEntry(api: KubernetesApi, place: EntryPlace, wanted: MemberEntry): Promise<unknown> {
  const { apiVersion, kind, spec } = wanted.entry;
  const body = { apiVersion, kind, metadata: metadataOf(wanted), spec };
  return written(await api.call({ method: "POST", path: listOf(place), body }));
}

async function replaceEntry(
  api: KubernetesApi,
  place: EntryPlace,
  found: unknown,
  wanted: MemberEntry,
): Promise<unknown> {
  const before = at(found, "metadata") as Json;
  const after = metadataOf(wanted);
  const annotations = { ...(before["annotations"] as Json), ...(after["annotations"] as Json) };
  const metadata = { ...before, labels: after["labels"], annotations, ownerReferences: after["ownerReferences"] };
  const body = { ...(found as Json), metadata, spec: wanted.entry["spec"] };
  if (isDeepStrictEqual(plain(body), plain(found))) return found;
  return written(await api.call({ method: "PUT", path: pathOf(place), body }));
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

function written(answer: ApiAnswer): unknown {
  return answer.status === 409 ? undefined : expected(answer, 200, 201);
}

/** Writes the condition `Healthy` where it is another; other conditions stay. False: the entry has changed meanwhile. */
async function writeHealth(
  api: KubernetesApi,
  place: EntryPlace,
  found: unknown,
  { entry }: MemberEntry,
): Promise<boolean> {
  const wanted = listAt(entry, "status", "conditions").find((one) => textAt(one, "type") === healthy);
  const conditions = listAt(found, "status", "conditions");
  const before = conditions.find((one) => textAt(one, "type") === healthy);
  const [status, message] = [textAt(wanted, "status"), textAt(wanted, "message")];
  if (status === textAt(before, "status") && message === textAt(before, "message")) return true;
  const now = new Date().toISOString();
  const condition = { type: healthy, status, message, lastProbeTime: now, lastTransitionTime: now };
  const others = conditions.filter((one) => one !== before);
  const all = wanted === undefined ? others : [...others, condition];
  const rest = (at(found, "status") ?? {}) as Json;
  const body = [
    { op: "test", path: "/metadata/resourceVersion", value: versionOf(found) },
    { op: "add", path: "/status", value: { ...rest, conditions: all } },
  ];
  const answer = await api.call({ method: "PATCH", path: `${pathOf(place)}/status`, body });
  if (answer.status === 409 || answer.status === 422 || answer.status === 404) return false;
  expected(answer, 200);
  return true;
}
