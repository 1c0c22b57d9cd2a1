import { formatProvenance, type XdsType } from "../envoy/index.ts";
import type { Rejection } from "./type-state.ts";

/** A resource that a proxy refused, and the lines of policy that it came from. */
export interface Nack {
  readonly type: XdsType;
  readonly resource: string;
  readonly message: string; // Envoy's
  readonly at: number; // ms since the epoch
  readonly provenance: readonly string[]; // `VirtualService default/reviews spec.http[0] (mesh/reviews.yaml:12)`
}

export function viewNack(type: XdsType, { resource, message, at }: Rejection): Nack {
  return { type, resource: resource.name, message, at, provenance: resource.provenance.map(formatProvenance) };
}
