import { generateKeyPairSync, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import { lastLines, startProcess, type RunningProcess } from "../../src/app/up/index.ts";
import { openApi, type Api } from "../../src/source/kubernetes/api.ts";
import { waitFor } from "./wait.ts";

/** Who calls: `system:masters`, or the service account of Heddle's own manifests, with no rights but those granted. */
export type Caller = "admin" | "heddle";

const heddleAccount = "system:serviceaccount:heddle-system:heddle";

/** Where scripts/kind keeps what it built. */
export function kubernetesBinaries(needed: readonly string[] = ["etcd", "kube-apiserver"]): string {
  const cache =
    process.env["HEDDLE_KIND_CACHE"] ?? join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "heddle-kind");
  const bin = join(cache, "bin");
  for (const name of needed)
    if (!existsSync(join(bin, name))) throw new Error(`${bin}/${name} is missing: scripts/kind builds it`);
  return bin;
}

/**
 * A real API server with its etcd on loopback, authorization by RBAC, and nothing else of a cluster: what is written stays as it is,
 * nobody schedules or runs it. It can be killed, put back to an older state, and made to forget old versions.
 */
export class ApiServer {
  readonly port: number;
  /** A folder of its own, for files of the test too; removed by `close`. */
  readonly folder: string;
  readonly #etcdPort: number;
  readonly #etcdPeerPort: number;
  readonly #tokens: Readonly<Record<Caller, string>>;
  #etcd: RunningProcess | undefined;
  #server: RunningProcess | undefined;
  #admin: Api | undefined;

  private constructor(folder: string, [port = 0, etcdPort = 0, peerPort = 0]: readonly number[]) {
    this.folder = folder;
    this.port = port;
    this.#etcdPort = etcdPort;
    this.#etcdPeerPort = peerPort;
    this.#tokens = { admin: randomBytes(16).toString("hex"), heddle: randomBytes(16).toString("hex") };
  }

  /** Starts both; resolves when the API is ready. */
  static async start(): Promise<ApiServer> {
    const folder = await mkdtemp(join(tmpdir(), "heddle-api-server-"));
    const server = new ApiServer(folder, await freePorts(3));
    try {
      const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
      await writeFile(join(folder, "sa.key"), privateKey.export({ type: "sec1", format: "pem" }), { mode: 0o600 });
      const { admin, heddle } = server.#tokens;
      const tokens = `${admin},admin,1,"system:masters"\n${heddle},${heddleAccount},2,"system:serviceaccounts"\n`;
      await writeFile(join(folder, "tokens.csv"), tokens, { mode: 0o600 });
      await server.startStore();
      await server.startServer();
      return server;
    } catch (error) {
      await server.close();
      throw error;
    }
  }

  async startStore(): Promise<void> {
    const client = `http://127.0.0.1:${this.#etcdPort}`;
    const peer = `http://127.0.0.1:${this.#etcdPeerPort}`;
    const urls = ["--listen-client-urls", client, "--advertise-client-urls", client, "--listen-peer-urls", peer];
    const cluster = ["--initial-advertise-peer-urls", peer, "--initial-cluster", `default=${peer}`];
    const speed = ["--unsafe-no-fsync", "--log-level", "error"];
    const command = [
      join(kubernetesBinaries(), "etcd"),
      "--data-dir",
      join(this.folder, "etcd"),
      ...urls,
      ...cluster,
      ...speed,
    ];
    this.#etcd = await startProcess({ command, logFile: join(this.folder, "etcd.log") });
    await waitFor("etcd to answer", async () => (await fetch(`${client}/health`)).ok);
  }

  async startServer(): Promise<void> {
    const key = join(this.folder, "sa.key");
    const logFile = join(this.folder, "kube-apiserver.log");
    const server = await startProcess({
      command: [
        join(kubernetesBinaries(), "kube-apiserver"),
        ...["--etcd-servers", `http://127.0.0.1:${this.#etcdPort}`],
        ...["--bind-address", "127.0.0.1", "--secure-port", `${this.port}`, "--cert-dir", join(this.folder, "certs")],
        ...[
          "--service-account-issuer",
          "https://kubernetes.default.svc",
          "--api-audiences",
          "https://kubernetes.default.svc",
        ],
        ...["--service-account-key-file", key, "--service-account-signing-key-file", key],
        ...["--token-auth-file", join(this.folder, "tokens.csv"), "--authorization-mode", "RBAC"],
        // Nobody makes the service accounts that pods would have; the samples' addresses are in this range.
        ...["--disable-admission-plugins", "ServiceAccount", "--service-cluster-ip-range", "10.0.0.0/12"],
      ],
      logFile,
    });
    this.#server = server;
    await waitFor(
      "the API server to be ready",
      async () => {
        if (!server.running()) throw new Error(`it ended (${await server.ended}): ${await lastLines(logFile, 10)}`);
        return (await this.admin.get({ path: "/readyz" }).catch(readyText)) !== undefined;
      },
      { timeoutMs: 90_000, everyMs: 200 },
    );
  }

  /** kill -9 */
  async killServer(): Promise<void> {
    await kill9(this.#server);
    this.#server = undefined;
  }

  /** kill -9 */
  async killStore(): Promise<void> {
    await kill9(this.#etcd);
    this.#etcd = undefined;
  }

  /** Keeps what the store holds, under a name. Both must be stopped. */
  async saveStore(name: string): Promise<void> {
    await cp(join(this.folder, "etcd"), join(this.folder, name), { recursive: true });
  }

  /** Puts the store back to what was kept. Both must be stopped. */
  async restoreStore(name: string): Promise<void> {
    await rm(join(this.folder, "etcd"), { recursive: true });
    await cp(join(this.folder, name), join(this.folder, "etcd"), { recursive: true });
  }

  /** Lets the store forget all versions but the present one: who asks for an older one gets 410 Gone. */
  async compact(): Promise<void> {
    const post = async (path: string, body: unknown): Promise<{ header?: { revision?: string } }> => {
      const answer = await fetch(`http://127.0.0.1:${this.#etcdPort}/v3/kv/${path}`, {
        method: "POST",
        body: JSON.stringify(body),
      });
      return (await answer.json()) as { header?: { revision?: string } };
    };
    const { header } = await post("range", { key: Buffer.from("/").toString("base64") });
    await post("compaction", { revision: header?.revision, physical: true });
  }

  /** How a caller reaches the server; through `port`, where a proxy stands between. */
  kubeConfig(caller: Caller, port: number = this.port): KubeConfig {
    const config = new KubeConfig();
    config.loadFromOptions({
      clusters: [
        { name: "test", server: `https://127.0.0.1:${port}`, caFile: join(this.folder, "certs/apiserver.crt") },
      ],
      users: [{ name: caller, token: this.#tokens[caller] }],
      contexts: [{ name: "test", cluster: "test", user: caller }],
      currentContext: "test",
    });
    return config;
  }

  /** The same as a file, for commands. */
  async kubeConfigFile(caller: Caller): Promise<string> {
    const file = join(this.folder, `${caller}.kubeconfig`);
    await writeFile(file, this.kubeConfig(caller).exportConfig(), { mode: 0o600 });
    return file;
  }

  /** Calls as `system:masters`. */
  get admin(): Api {
    return (this.#admin ??= openApi(this.kubeConfig("admin")));
  }

  /** Ends everything and leaves nothing. */
  async close(): Promise<void> {
    this.#admin?.close();
    await this.killServer();
    await this.killStore();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** The server's log, to look at after a failure. */
  log(): Promise<string> {
    return readFile(join(this.folder, "kube-apiserver.log"), "utf8");
  }
}

/** Without a word before: an API server that may still say something takes itself off the endpoints of `kubernetes`. */
async function kill9(running: RunningProcess | undefined): Promise<void> {
  if (!running) return;
  if (running.running()) process.kill(-running.pid, "SIGKILL");
  await running.stop(0);
}

/** The answer `ok` is no JSON, and still an answer. */
function readyText(error: unknown): true | undefined {
  return error instanceof Error && error.message === "the answer is no JSON" ? true : undefined;
}

/** Ports that nobody listens on, as of now. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) =>
          server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port)),
        ),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
