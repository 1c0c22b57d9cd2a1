import type { MemberClaim } from "../mesh/index.ts";

/**
 * What travels between `heddle proxy --workload-group` and the control plane: one gRPC stream a workload, each message a JSON text. The
 * first of the workload is `join`; then it tells of changes of its health, and at its end that it leaves.
 */
export const joinPath = "/heddle.v1.WorkloadGroups/Join";

/** Longer messages end the stream. */
export const maxMemberBytes = 64 * 1024;

/** From the workload. */
export type MemberMessage =
  | { readonly join: MemberClaim }
  | { readonly health: { readonly healthy: boolean; readonly message: string } }
  | { readonly leave: true };

/** From the control plane: again whenever it changes. */
export interface GroupNotice {
  readonly entry: string; // the name of the workload's WorkloadEntry, and of its proxy
  readonly probe?: object; // a Probe of the mesh room; none: nobody asks
}

const most = { labels: 256, text: 512, message: 300 };

/** A message of a workload, read but not believed; undefined where it is none. */
export function parseMemberMessage(bytes: Uint8Array): MemberMessage | undefined {
  if (bytes.length > maxMemberBytes) return undefined;
  const message = recordOf(jsonOf(bytes));
  const { join, health, leave } = message;
  if (join !== undefined) {
    const claim = parseClaim(recordOf(join));
    return claim && { join: claim };
  }
  if (leave === true) return { leave };
  const { healthy, message: said } = recordOf(health);
  if (typeof healthy !== "boolean") return undefined;
  return { health: { healthy, message: typeof said === "string" ? shown(said) : "" } };
}

function parseClaim(fields: Readonly<Record<string, unknown>>): MemberClaim | undefined {
  const { group, address, network = "", locality = "", labels = {}, healthy, unwell = "" } = fields;
  if (healthy !== undefined && typeof healthy !== "boolean") return undefined;
  if (!isText(group) || !isText(address) || !isText(network) || !isText(locality)) return undefined;
  if (!isText(unwell)) return undefined;
  const entries = Object.entries(recordOf(labels));
  if (entries.length > most.labels || !entries.every((entry): entry is [string, string] => isText(entry[1])))
    return undefined;
  const claim = { group, address, network, locality, labels: Object.freeze(Object.fromEntries(entries)) };
  return { ...claim, ...(healthy !== undefined && { healthy }), ...(unwell !== "" && { unwell: shown(unwell) }) };
}

/** It is shown in terminals: no control characters, and not for pages. */
const shown = (text: string): string => text.slice(0, most.message).replaceAll(/\p{Cc}/gu, "?");

const isText = (value: unknown): value is string => typeof value === "string" && value.length <= most.text;

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return undefined;
  }
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
