import { DirectResponseAction } from "../../../generated/envoy/config/route/v3/route_components.ts";
import type { HttpRoute } from "../../model/index.ts";

/** Envoy's own limit of 4 KiB is less than what Istio lets pass: https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPDirectResponse */
export const maxDirectResponseBytes = 1024 * 1024;

/** An answer without a server. `bytes` are base64, as everywhere in YAML. */
export function buildDirectResponse({ status, body }: NonNullable<HttpRoute["directResponse"]>): DirectResponseAction {
  return DirectResponseAction.fromPartial({
    status,
    ...(body?.string !== undefined && { body: { inlineString: body.string } }),
    ...(body?.bytes !== undefined && { body: { inlineBytes: Buffer.from(body.bytes, "base64") } }),
  });
}
