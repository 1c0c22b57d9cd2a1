import { memo } from "../../lib/index.ts";
import { sidecarPorts } from "../own-ports.ts";
import type { Protocol, Service } from "../types.ts";
import { codes, type Finding } from "./finding.ts";

const http: ReadonlySet<Protocol> = new Set(["HTTP", "HTTP2", "GRPC", "GRPC-Web"]);

/**
 * HTTP ports of services on which sidecars listen for themselves: HTTP services share a listener on every address, and there is none for
 * them. What is sent there is passed on as it comes, without the rules that are for it.
 */
export const portsOfSidecars = memo((services: readonly Service[]): readonly Finding[] => services.flatMap(ofService));

const ofService = memo(({ object, ports }: Service): readonly Finding[] =>
  ports.flatMap(({ number, protocol }, i): Finding[] => {
    if (!sidecarPorts.has(number) || !http.has(protocol)) return [];
    const message = `each sidecar has port ${number} for itself: requests to it are passed on without a look at rules`;
    const path = ["spec", "ports", i, object.kind === "Service" ? "port" : "number"];
    return [{ code: codes.sidecarsPort, object, path, message, hint: "use another port, or call it tcp" }];
  }),
);
