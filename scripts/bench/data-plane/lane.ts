import { applyInterception, cleanInterception } from "../../../src/app/up/interception.ts";
import { buildIptablesRules } from "../../../src/node/index.ts";
import type { HttpVersion } from "./input.ts";
import type { LanePorts } from "./static.ts";

/** One way from the client to the app. */
export interface Lane {
  readonly name: string;
  /** Where its sidecars listen; without it, nothing is intercepted. */
  readonly ports?: LanePorts;
  /** The sidecars' processes: the client's, then the server's. */
  readonly pids: readonly number[];
  urlFor(version: HttpVersion): string;
}

/** Leads what happens in these network namespaces through a lane's sidecars, and only there: connections from before go on as they were. */
export async function leadThrough(lane: Lane, namespaces: readonly string[]): Promise<void> {
  if (!lane.ports) {
    await Promise.all(namespaces.map((namespace) => cleanInterception(namespace)));
    return;
  }
  const { outbound: outboundPort, inbound: inboundPort } = lane.ports;
  const { value, problems } = buildIptablesRules({ outboundPort, inboundPort });
  if (!value) throw new Error(problems.map(({ message }) => message).join("; "));
  await Promise.all(namespaces.map((namespace) => applyInterception(value, namespace)));
}
