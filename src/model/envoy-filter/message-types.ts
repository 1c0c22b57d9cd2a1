import { createRequire } from "node:module";
import type * as generated from "../../../generated/index.ts";

/** A generated message type, as the registry of them holds it. */
export interface MessageType {
  readonly $type: string;
  readonly fromJSON: (json: unknown) => unknown;
}

const load = createRequire(import.meta.url);

/**
 * The message type of a name such as `envoy.config.cluster.v3.Cluster`, of all that we have; undefined where there is none. All of them
 * are read from disk with the first question: two hundred modules are a third of the time it takes to start, and most meshes have
 * no EnvoyFilter.
 */
export function messageTypeOf(name: string): MessageType | undefined {
  const { messageTypeRegistry } = load("#generated") as typeof generated;
  return messageTypeRegistry.get(name);
}
