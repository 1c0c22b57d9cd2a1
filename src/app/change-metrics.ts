import { Counter, type Registry } from "prom-client";

/** What a change of the input sets off before anything is encoded. */
export interface ChangeMetrics {
  /** A file was read and parsed. */
  readonly parsed: () => void;
  /** A snapshot went to the xDS server. */
  readonly published: () => void;
}

/** The counters that show that work follows the change: one file saved is one file parsed and one publication, whatever the mesh's size. */
export function createChangeMetrics(registry: Registry): ChangeMetrics {
  const counter = (name: string, help: string): Counter => new Counter({ name, help, registers: [registry] });
  const parsed = counter("heddle_files_parsed_total", "policy files read and parsed: only those that changed");
  const published = counter("heddle_publications_total", "snapshots of the mesh handed to the proxies");
  return { parsed: () => parsed.inc(), published: () => published.inc() };
}
