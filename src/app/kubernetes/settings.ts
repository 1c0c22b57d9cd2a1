import { hostname } from "node:os";
import { InvalidArgumentError, Option } from "commander";
import { anyAddress, xdsServerName, type ServerFlags, type ServingSettings } from "../settings.ts";

/** Where a server listens. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** What a control plane in a cluster is started with. */
export interface ClusterSettings extends ServingSettings {
  readonly kubeconfig?: string;
  readonly podName: string; // unlike any other replica's
  readonly podNamespace: string;
  readonly webhookListen: ListenAddress;
  readonly monitoringListen: ListenAddress;
}

/** The flags of `heddle serve` that count with `--kubernetes` only. */
export function clusterOptions(): readonly Option[] {
  return [
    new Option("--kubernetes", "take policy, services and pods from the Kubernetes API instead of a directory"),
    new Option("--kubeconfig <file>", "how to reach the API server; without it as a pod does, else ~/.kube/config").env(
      "KUBECONFIG",
    ),
    new Option("--pod-name <name>", "name of this replica").env("POD_NAME").default(hostname(), "host name"),
    new Option("--pod-namespace <name>", "namespace of Heddle's own objects")
      .env("POD_NAMESPACE")
      .default("heddle-system"),
    new Option("--webhook-listen <address>", "address of the webhooks (HTTPS)")
      .default({ host: anyAddress, port: 15017 }, ":15017")
      .argParser(parseAddress),
    new Option("--monitoring-listen <address>", "address of /metrics, /healthz and /readyz (HTTP)")
      .default({ host: anyAddress, port: 15014 }, ":15014")
      .argParser(parseAddress),
  ];
}

/** What `clusterOptions` yield. */
export interface ClusterFlags {
  kubernetes?: boolean;
  kubeconfig?: string;
  podName: string;
  podNamespace: string;
  webhookListen: ListenAddress;
  monitoringListen: ListenAddress;
}

/** The xDS server has the names of its Service, wherever it is installed. */
export function clusterSettingsFrom({ xdsName, ...rest }: ServerFlags & ClusterFlags): ClusterSettings {
  const service = `heddle.${rest.podNamespace}.svc`;
  const names = [xdsServerName, service, `${service}.cluster.local`, "localhost", "127.0.0.1", ...xdsName];
  return { ...rest, xdsServerName: [...new Set(names)] };
}

/** `host:port`, `[v6]:port` or `:port`. */
function parseAddress(text: string): ListenAddress {
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-fA-F:]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65535)
    throw new InvalidArgumentError("an address is written as 0.0.0.0:15014, [::]:15014 or :15014");
  return { host: (bracketed ?? plain) || anyAddress, port };
}
