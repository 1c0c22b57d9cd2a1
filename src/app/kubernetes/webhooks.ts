import type { Registry } from "prom-client";
import type { KeyRing } from "../../ca/index.ts";
import type { KubernetesApi } from "../../cluster/index.ts";
import type { Log, Problem } from "../../lib/index.ts";
import type { MeshObject } from "../../model/index.ts";
import { startWebhooks, type WebhookCertificate } from "../../web/index.ts";
import { proxyRunFor } from "../../node/index.ts";
import { issueServerTls } from "../serving.ts";
import { followInjectionSettings } from "./injection-settings.ts";
import { namespaceLabels } from "./objects.ts";
import type { ClusterSettings } from "./settings.ts";

const renewMs = 12 * 3_600_000;

export interface WebhookParts {
  readonly api: KubernetesApi;
  readonly authority: KeyRing;
  readonly settings: ClusterSettings;
  readonly objects: () => readonly MeshObject[];
  /** Findings of the mesh as it would be with this object. */
  readonly check: (candidate: MeshObject) => readonly Problem[];
  readonly registry: Registry;
  readonly log: Log;
}

/** The admission webhooks with a certificate of our CA, renewed twice a day and when the CA changes. Resolves with their port. */
export async function startClusterWebhooks(parts: WebhookParts): Promise<{ port: number; stop: () => Promise<void> }> {
  const { api, authority, settings, objects, check, registry, log } = parts;
  const { podName, podNamespace, webhookListen, xdsServerName } = settings;
  const issue = async (): Promise<WebhookCertificate> => {
    const { certificate, privateKey } = await issueServerTls(authority, xdsServerName);
    return { cert: certificate, key: privateKey };
  };
  let certificate = await issue();
  const renew = (): void =>
    void issue().then(
      (fresh) => (certificate = fresh),
      (error: unknown) => log.error({ err: error }, "the webhooks' certificate could not be renewed"),
    );
  const injection = await followInjectionSettings(api, podNamespace, podName, log);
  const server = await startWebhooks({
    ...webhookListen,
    certificate: () => certificate,
    injection: injection.current,
    namespaceLabels: (name) => namespaceLabels(objects()).get(name),
    proxyRun: (owner) => proxyRunFor(objects(), owner),
    ...{ check, log },
    metrics: registry,
  });
  const timer = setInterval(renew, renewMs).unref();
  const stopFollowing = authority.onBundle(renew);
  const stop = async (): Promise<void> => {
    clearInterval(timer);
    stopFollowing();
    injection.stop();
    await server.stop();
  };
  return { port: server.port, stop };
}
