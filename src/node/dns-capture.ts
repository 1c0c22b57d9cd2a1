import { parseSettingsText } from "../model/index.ts";

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

/** The words of `proxyMetadata` that say nothing here. */
export function otherProxyMetadata(proxyMetadata: unknown): string[] {
  return typeof proxyMetadata === "object" ? Object.keys(proxyMetadata ?? {}).filter((name) => name !== word) : [];
}

/** Whether a pod's annotation `proxy.istio.io/config` asks for it. What cannot be read asks for nothing; injection tells why. */
export function capturesDns(annotations: Readonly<Record<string, string>>): boolean {
  const text = annotations["proxy.istio.io/config"];
  if (text === undefined) return false;
  const { value } = parseSettingsText(text, "proxy.istio.io/config", { type: "object", additionalProperties: true });
  return readDnsCapture((value as { readonly proxyMetadata?: unknown } | undefined)?.proxyMetadata) ?? false;
}

/** What the control plane is told of it. */
export const dnsMetadata: Readonly<Record<string, string>> = Object.freeze({ DNS_CAPTURE: "true" });
