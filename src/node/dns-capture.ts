/** What Istio's agent is told by environment, and the control plane by metadata without the prefix. */
const word = "ISTIO_META_DNS_CAPTURE";

/**
 * Whether a proxy's environment (`proxyMetadata`) asks for its workload's DNS to be answered; undefined where it has a value that is
 * none. https://istio.io/latest/docs/ops/configuration/traffic-management/dns-proxy/
 */
export function readDnsCapture(proxyMetadata: unknown): boolean | undefined {
  if (typeof proxyMetadata !== "object" || proxyMetadata === null || Array.isArray(proxyMetadata)) return undefined;
  if (!Object.hasOwn(proxyMetadata, word)) return false;
  const value: unknown = (proxyMetadata as Readonly<Record<string, unknown>>)[word];
  return value === "true" ? true : value === "false" ? false : undefined;
}

/** What the control plane is told of it. */
export const dnsMetadata: Readonly<Record<string, string>> = Object.freeze({ DNS_CAPTURE: "true" });
