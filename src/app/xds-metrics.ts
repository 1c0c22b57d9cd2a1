import { Counter, Gauge, type Registry } from "prom-client";
import type { XdsMetrics } from "../xds/index.ts";

/** What the xDS server counts, as Prometheus metrics. */
export function createXdsMetrics(registry: Registry): XdsMetrics {
  const counter = <L extends string>(name: string, help: string, labelNames: L[] = []): Counter<L> =>
    new Counter({ name, help, labelNames, registers: [registry] });
  const connected = new Gauge({
    name: "heddle_xds_streams",
    help: "ADS streams that are open",
    labelNames: ["protocol"],
    registers: [registry],
  });
  const pushes = counter("heddle_xds_pushes_total", "responses sent", ["type"]);
  const bytes = counter("heddle_xds_pushed_bytes_total", "bytes of responses sent", ["type"]);
  const nacks = counter("heddle_xds_nacks_total", "responses that an Envoy refused", ["type"]);
  const refused = counter("heddle_xds_refused_total", "callers that got nothing, by reason", ["reason"]);
  const failed = counter("heddle_xds_translation_failures_total", "proxies whose configuration could not be made");
  const stalled = counter("heddle_xds_stalled_total", "streams closed because nobody read them");
  return {
    connected: (protocol, change) => connected.inc({ protocol }, change),
    pushed: (type, size) => {
      pushes.inc({ type });
      bytes.inc({ type }, size);
    },
    nacked: (type) => nacks.inc({ type }),
    refused: (reason) => refused.inc({ reason }),
    failed: () => failed.inc(),
    stalled: () => stalled.inc(),
  };
}
