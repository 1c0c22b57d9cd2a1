import { isNamed } from "./alias.ts";
import { resolveShortName } from "./host.ts";
import type { SidecarObject } from "./sidecar.ts";
import type { EgressProxy, MeshSettings, VisibleService } from "./types.ts";

/**
 * Where a Sidecar sends what no service claims; "missing" where it names a host, port or subset that it does not import: then that
 * traffic goes nowhere, for whoever wants it to pass a proxy does not want it to go by itself.
 * https://istio.io/latest/docs/reference/config/networking/sidecar/#OutboundTrafficPolicy
 */
export function egressProxyOf(
  sidecar: SidecarObject | undefined,
  services: readonly VisibleService[],
  settings: MeshSettings,
): EgressProxy | "missing" | undefined {
  const written = sidecar?.spec.outboundTrafficPolicy?.egressProxy;
  if (!sidecar || !written) return undefined;
  const host = resolveShortName(written.host, sidecar.metadata.namespace, settings.domain);
  const { port: { number: port = 0 } = {}, subset = "" } = written;
  const visible = services.find(({ service }) => isNamed(service, host));
  const hasPort = visible?.service.ports.some(({ number }) => number === port) === true;
  const hasSubset = subset === "" || visible?.rule?.subsets.some(({ name }) => name === subset) === true;
  return visible && hasPort && hasSubset ? { host: visible.service.hostname, port, subset } : "missing";
}
