import type { KubernetesApi } from "./api.ts";
import { listAt, textAt } from "./json.ts";
import { expected } from "./refusal.ts";

/** A webhook configuration whose webhooks are all ours. */
export interface WebhookConfiguration {
  readonly resource: "mutatingwebhookconfigurations" | "validatingwebhookconfigurations";
  readonly name: string;
}

/**
 * Has the API server trust our webhooks: writes the bundle (PEM) into each webhook of this configuration that has another. Reads
 * only, where all is well; a configuration that is not installed is none of our business. Rejects where it could not.
 * https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#service-reference
 */
export async function keepCaBundle(
  api: KubernetesApi,
  { resource, name }: WebhookConfiguration,
  bundle: string,
): Promise<void> {
  const path = `/apis/admissionregistration.k8s.io/v1/${resource}/${name}`;
  const answer = await api.call({ method: "GET", path });
  if (answer.status === 404) return;
  const caBundle = Buffer.from(bundle).toString("base64");
  const body = listAt(expected(answer, 200), "webhooks").flatMap((webhook, index) => {
    if (textAt(webhook, "clientConfig", "caBundle") === caBundle) return [];
    // By place, but only while the webhook we mean is at that place.
    return [
      { op: "test", path: `/webhooks/${index}/name`, value: textAt(webhook, "name") ?? "" },
      { op: "add", path: `/webhooks/${index}/clientConfig/caBundle`, value: caBundle },
    ];
  });
  if (body.length > 0) expected(await api.call({ method: "PATCH", path, body }), 200);
}
