import type { Any } from "../../../generated/google/protobuf/any.ts";
import type { AppliedRateLimit, MeshSettings } from "../../mesh/index.ts";
import type { GatewayTopology, HttpRoute } from "../../model/index.ts";

/** What the policy of a workload asks of the requests that come in to it. */
export interface LimitedContext {
  readonly rateLimits?: readonly AppliedRateLimit[];
  /** The port on which they come in, where it is one. */
  readonly port?: number;
}

/** Which way the requests of a connection manager go, and what the mesh is set to. */
export interface HttpContext extends LimitedContext {
  readonly direction: "inbound" | "outbound" | "gateway";
  readonly settings: MeshSettings;
  /** What stands before a gateway. */
  readonly topology?: GatewayTopology;
  /** Some of its hosts are looked up by the names that requests carry. */
  readonly dynamicDns?: boolean;
}

/** One HTTP feature: its filter in the chain and what a route may say to it. */
export interface HttpFilter {
  readonly name: string;
  /** Must not depend on policy that may come and go: the listener would change and drain its connections. */
  readonly appliesTo: (context: HttpContext) => boolean;
  /** Its configuration where no route says more. */
  readonly filter: (context: HttpContext) => Any;
  /** Envoy leaves it out where the route says nothing to it: an idle filter would cost each request 1 to 2 % of the sidecar's work. */
  readonly onlyWhereRouted?: boolean;
  /** What one rule of a VirtualService asks of it. */
  readonly perRoute?: (rule: HttpRoute) => Any | undefined;
}

/**
 * Filters that are in the chain only where a policy selects the workload: others pay nothing for them. The first and each change of such a
 * policy replaces the connection managers of the workload it is for, whose connections drain; where many workloads share a listener
 * that is no way to do it.
 */
export interface PolicyFilters {
  readonly name: string;
  /** In the order in which they run, each under a name of its own; most often none. */
  readonly filters: (context: HttpContext) => readonly { readonly name: string; readonly typedConfig: Any }[];
}
