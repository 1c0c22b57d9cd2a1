import { join } from "node:path";
import { Secret } from "../../generated/envoy/extensions/transport_sockets/tls/v3/secret.ts";
import type { TestMesh } from "./mesh.ts";
import { projectRoot } from "./project.ts";

const type = (name: string) => `type.googleapis.com/envoy.${name}`;

/** The types that callers ask for here. */
export const cds = type("config.cluster.v3.Cluster");
export const sds = type("extensions.transport_sockets.tls.v3.Secret");

/** What the control plane said to one who asked. */
export interface Said {
  readonly code: number; // of gRPC
  readonly details: string;
  readonly answers: readonly {
    readonly typeUrl: string;
    readonly names: readonly string[];
    readonly removed: readonly string[];
    readonly resources: readonly string[]; // base64
  }[];
}

/** Whom a node says it is; by default workload and service account web of namespace default. */
export interface Claim {
  readonly name?: string;
  readonly namespace?: string;
  readonly serviceAccount?: string;
}

export function nodeOf({ name = "web", namespace = "default", serviceAccount = "web" }: Claim): object {
  return {
    id: `sidecar~10.244.9.9~${name}.${namespace}~${namespace}.svc.cluster.local`,
    cluster: name,
    metadata: { NAME: name, NAMESPACE: namespace, SERVICE_ACCOUNT: serviceAccount },
  };
}

export interface Question {
  readonly token?: string | undefined;
  readonly node?: object;
  /** Names of secrets; by default clusters and the caller's own certificate. */
  readonly secrets?: readonly string[];
}

/** Asks the control plane, from inside of pod `web`, for clusters or for secrets. */
export async function askControlPlane(mesh: TestMesh, roots: string, question: Question): Promise<Said> {
  const { node = nodeOf({}), secrets, token } = question;
  const input = {
    address: "10.244.0.1:15012",
    roots,
    ...(token !== undefined && { token }),
    node,
    ask: secrets
      ? [[sds, secrets]]
      : [
          [cds, []],
          [sds, ["default"]],
        ],
    waitMs: 300,
  };
  const script = join(projectRoot(), "e2e/apps/xds-client.ts");
  const argv = [process.execPath, "--disable-warning=ExperimentalWarning", script];
  return JSON.parse(await mesh.exec("web", argv, JSON.stringify(input))) as Said;
}

/** The secrets among what it was told. */
export function secretsIn({ answers }: Said): Secret[] {
  return answers.flatMap(({ resources }) => resources).map((value) => Secret.decode(Buffer.from(value, "base64")));
}
