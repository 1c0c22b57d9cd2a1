import type { Registry } from "prom-client";
import type { Log, Problem } from "../../lib/index.ts";
import type { MeshObject } from "../../model/index.ts";
import type { InjectionSettings, ProxyOwner, ProxyRun } from "../../node/index.ts";

/** What the API server's questions are answered from. */
export interface WebhookSources {
  /** The settings in force, asked for each pod. */
  readonly injection: () => InjectionSettings;
  /** Labels of a namespace, where they are known; else the API server's own selectors have decided. */
  readonly namespaceLabels?: (name: string) => Readonly<Record<string, string>> | undefined;
  /** What is said of a pod's proxy; by default what the pod itself says. */
  readonly proxyRun?: (owner: ProxyOwner) => ProxyRun;
  /** What the mesh would find with the candidate in it: shown as warnings, never a reason to refuse. */
  readonly check?: (candidate: MeshObject) => readonly Problem[];
}

/** PEM texts. The same object while nothing changed. */
export interface WebhookCertificate {
  readonly key: string;
  readonly cert: string;
}

export interface WebhookOptions extends WebhookSources {
  readonly host?: string; // 0.0.0.0
  readonly port: number; // 15017 by convention; 0: any free one
  /** Asked at each new connection, so that it can rotate; when it throws, the one before is shown. */
  readonly certificate: () => WebhookCertificate;
  readonly log: Log;
  readonly metrics?: Registry;
}

export interface WebhookServer {
  readonly port: number;
  /** Answers those who wait, closes the rest within two seconds, then resolves. */
  stop(): Promise<void>;
}
