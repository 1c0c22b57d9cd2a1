import type { Refusal } from "../ca/index.ts";
import type { ApiAnswer, KubernetesApi } from "./api.ts";
import { at, listAt, textAt } from "./json.ts";

/** Whom a token was issued to: the pod it is bound to, and the service account it runs as. */
export interface ReviewedPod {
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly pod: string;
  readonly podUid: string;
}

const path = "/apis/authentication.k8s.io/v1/tokenreviews";
const userName = /^system:serviceaccount:([a-z0-9-]{1,63}):([a-z0-9.-]{1,253})$/;
const podName = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;

/** Asks the API server whom a token belongs to. Rejects where no answer came. https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-review-v1/ */
export async function reviewToken(
  api: KubernetesApi,
  token: string,
  audience: string,
): Promise<{ pod: ReviewedPod } | { refusal: Refusal }> {
  const body = { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec: { token, audiences: [audience] } };
  return parseReview(await api.call({ method: "POST", path, body }), audience);
}

/** What an answer to a TokenReview comes to. Whatever it lacks, nobody is let in by it. */
export function parseReview(
  { status: code, body }: ApiAnswer,
  audience: string,
): { pod: ReviewedPod } | { refusal: Refusal } {
  if (code !== 200 && code !== 201) return refused("UNAVAILABLE", "the API server does not review tokens at present");
  const status = at(body, "status");
  if (at(status, "authenticated") !== true)
    return refused(
      "UNAUTHENTICATED",
      "the API server does not know the token: it is forged, expired, or its pod is gone",
    );
  // An API server that knows nothing of audiences says "authenticated" for its own. https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-review-v1/#TokenReviewStatus
  if (!listAt(status, "audiences").includes(audience))
    return refused("UNAUTHENTICATED", `the token is not for the audience ${audience}`);
  const [, namespace, serviceAccount] = userName.exec(textAt(status, "user", "username") ?? "") ?? [];
  if (namespace === undefined || serviceAccount === undefined)
    return refused("PERMISSION_DENIED", "the token is not one of a service account");
  const pod = onlyExtra(status, "pod-name");
  const podUid = onlyExtra(status, "pod-uid");
  if (pod === undefined || podUid === undefined || !podName.test(pod))
    return refused("PERMISSION_DENIED", "the token is not bound to a pod");
  return { pod: { namespace, serviceAccount, pod, podUid } };
}

/** https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#additional-metadata-in-pod-bound-tokens */
function onlyExtra(status: unknown, name: string): string | undefined {
  const [value, ...more] = listAt(status, "user", "extra", `authentication.kubernetes.io/${name}`);
  return typeof value === "string" && value !== "" && more.length === 0 ? value : undefined;
}

function refused(status: Refusal["status"], message: string): { refusal: Refusal } {
  return { refusal: { status, message } };
}
