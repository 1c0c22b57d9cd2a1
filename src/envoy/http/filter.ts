import type { Any } from "../../../generated/google/protobuf/any.ts";
import type { MeshSettings } from "../../mesh/index.ts";
import type { HttpRoute } from "../../model/index.ts";

/** Which way the requests of a connection manager go, and what the mesh is set to. */
export interface HttpContext {
  readonly direction: "inbound" | "outbound" | "gateway";
  readonly settings: MeshSettings;
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
