import { apply, type Manifest } from "./cluster.ts";
import type { ApiServer } from "../harness/api-server.ts";

/** A pod that nobody runs, and its service account: enough to be given a token. */
export async function createPod(
  server: ApiServer,
  name: string,
  serviceAccount: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<Manifest> {
  await apply(server, {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: serviceAccount, namespace: "shop" },
  });
  const pod: Manifest = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "shop", labels: { app: serviceAccount, ...labels } },
    spec: { serviceAccountName: serviceAccount, containers: [{ name: "app", image: "app" }] },
    status: { phase: "Running", podIP: "10.1.0.1", podIPs: [{ ip: "10.1.0.1" }] },
  };
  await apply(server, pod);
  return pod;
}

/** As the kubelet asks for the token of a projected volume. https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/ */
export async function tokenFor(
  { admin }: ApiServer,
  serviceAccount: string,
  { pod, audience = "heddle" }: { pod?: string; audience?: string },
): Promise<string> {
  const uid =
    pod && ((await admin.get({ path: `/api/v1/namespaces/shop/pods/${pod}` })) as { metadata: { uid: string } });
  const bound = uid && { kind: "Pod", apiVersion: "v1", name: pod, uid: uid.metadata.uid };
  const answer = await admin.send(
    "POST",
    { path: `/api/v1/namespaces/shop/serviceaccounts/${serviceAccount}/token` },
    {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      spec: { audiences: [audience], expirationSeconds: 600, ...(bound && { boundObjectRef: bound }) },
    },
  );
  return (answer as { status: { token: string } }).status.token;
}
