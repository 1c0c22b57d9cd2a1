import { Counter, Gauge, type Registry } from "prom-client";
import { counters } from "../envoy/index.ts";
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
  const sent = counter("heddle_resources_sent_total", "resources in responses that were new or had changed", ["type"]);
  new Counter({
    name: "heddle_resources_encoded_total",
    help: "resources encoded: grows with what changes, not with the number of proxies",
    registers: [registry],
    collect() {
      this.reset();
      this.inc(counters.encoded);
    },
  });
  const nacks = counter("heddle_xds_nacks_total", "responses that an Envoy refused", ["type"]);
  const refused = counter("heddle_xds_refused_total", "callers that got nothing, by reason", ["reason"]);
  const failed = counter("heddle_xds_translation_failures_total", "proxies whose configuration could not be made");
  const stalled = counter("heddle_xds_stalled_total", "streams closed because nobody read them");
  return {
    connected: (protocol, change) => connected.inc({ protocol }, change),
    pushed: (type, size, resources) => {
      pushes.inc({ type });
      sent.inc({ type }, resources);
      bytes.inc({ type }, size);
    },
    nacked: (type) => nacks.inc({ type }),
    refused: (reason) => refused.inc({ reason }),
    failed: () => failed.inc(),
    stalled: () => stalled.inc(),
  };
}
