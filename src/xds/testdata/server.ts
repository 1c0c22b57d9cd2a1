import { pino } from "pino";
import type { Authenticator, Identity } from "../../ca/index.ts";
import type { ProxyResources } from "../../envoy/index.ts";
import { systemClock, type Clock } from "../../lib/index.ts";
import type { Proxy, Snapshot } from "../../mesh/index.ts";
import { createXdsServer, type SecretSource, type XdsServer, type XdsServerOptions } from "../index.ts";
import { makeCertificate } from "./tls.ts";

/** A mesh for tests: the snapshot says only which resources the proxies get. */
export function snapshotOf(resources: ProxyResources | ((proxy: Proxy) => ProxyResources)): Snapshot {
  return { resources } as unknown as Snapshot;
}

/** `token-NAMESPACE-SERVICEACCOUNT` is who it says it is. */
export const authenticator: Authenticator = {
  authenticate: (credential) => {
    const [word, namespace, serviceAccount] = credential.split("-");
    if (word !== "token" || !namespace || !serviceAccount) {
      return Promise.resolve({ refusal: { status: "UNAUTHENTICATED" as const, message: "not a token of ours" } });
    }
    return Promise.resolve({ identity: { trustDomain: "cluster.local", namespace, serviceAccount } satisfies Identity });
  },
};

export const noSecrets: SecretSource = {
  secretFor: () => Promise.reject(new Error("no secrets here")),
  onChange: () => () => undefined,
};

function proxyOf(identity: Identity, name: string): Proxy {
  return {
    type: "sidecar",
    name,
    namespace: identity.namespace,
    serviceAccount: identity.serviceAccount,
    addresses: ["10.0.0.1"],
    labels: {},
    locality: { region: "", zone: "", subzone: "" },
    metadata: {},
  };
}

export interface TestServer {
  readonly server: XdsServer;
  readonly port: number;
  readonly root: string;
  /** For a client of this server. */
  readonly client: { readonly port: number; readonly root: string; readonly token: string };
  readonly lines: string[]; // of the log
}

let certificate: ReturnType<typeof makeCertificate> | undefined;

export async function startServer(options: Partial<XdsServerOptions> & { clock?: Clock } = {}): Promise<TestServer> {
  certificate ??= makeCertificate();
  const tls = await certificate;
  const lines: string[] = [];
  const log = pino({ level: "debug" }, { write: (line: string) => void lines.push(line) });
  const server = createXdsServer({
    host: "127.0.0.1",
    port: 0,
    tls,
    authenticator,
    secrets: noSecrets,
    clock: systemClock,
    log,
    describe: (snapshot, proxy) => {
      const { resources } = snapshot as unknown as { resources: ProxyResources | ((proxy: Proxy) => ProxyResources) };
      return typeof resources === "function" ? resources(proxy) : resources;
    },
    resolve: (_snapshot, { identity, node }) => {
      const { NAME: name, NAMESPACE: namespace } = (node.metadata ?? {}) as { NAME?: string; NAMESPACE?: string };
      if (!name || !namespace) return { refused: "the node says no name and namespace" };
      if (namespace !== identity.namespace) return { refused: "the node claims a namespace that is not its own" };
      return { proxy: proxyOf(identity, name) };
    },
    ...options,
    limits: { connectionBurst: 100, streamBurst: 100, ...options.limits }, // a clock that stands still lets nobody in later
  });
  const { port } = await server.start();
  return { server, port, root: tls.certificate, client: { port, root: tls.certificate, token: "token-default-app" }, lines };
}
