import { dirname } from "node:path";
import { credentialsOf } from "../../../e2e/harness/credentials.ts";
import type { TestMesh } from "../../../e2e/harness/index.ts";
import type { Credentials } from "../../../e2e/harness/static-bootstrap.ts";
import { clientAccount, clientPod, ports, serverAccount, serverPod } from "./input.ts";
import type { Fields, Json } from "./json.ts";
import type { Lane } from "./lane.ts";
import { startEnvoy, type StartedEnvoy } from "./pair.ts";
import type { Part } from "./parts.ts";
import { replay } from "./replay.ts";
import { clientConfig, serverConfig, type LanePorts } from "./static.ts";

/** Straight to the app. */
export function directLane(mesh: TestMesh): Lane {
  const address = mesh.addressOf(serverPod);
  return { name: "direct", pids: [], urlFor: (version) => `http://${address}:${ports.permissive[version].app}/` };
}

/** Through the sidecars of the mesh, by ports of either mode of mTLS. */
export function ourLanes(mesh: TestMesh): Lane[] {
  return (["permissive", "strict"] as const).map((mode) => ({
    name: `ours, ${mode.toUpperCase()}`,
    ports: { outbound: 15_001, inbound: 15_006 },
    pids: [clientPod, serverPod].map((pod) => mesh.workload(pod).sidecarPid()),
    urlFor: (version) => `http://bench:${ports[mode][version].port}/`,
  }));
}

const plain: Part = { name: "static", change: (bootstrap) => bootstrap };

type Under = (folder: string) => readonly string[];

interface Pair<T> {
  readonly client: T;
  readonly server: T;
}

/** Starts further pairs of Envoys beside the sidecars of a mesh, each listening on ports of its own. They end with the mesh's bench. */
export class Pairs {
  readonly #mesh: TestMesh;
  readonly #envoy: string;
  readonly #credentials: Pair<Credentials>;
  readonly #ids: Pair<string>;
  readonly #under: Under | undefined;
  readonly #started: StartedEnvoy[] = [];
  #count = 0;

  private constructor(
    mesh: TestMesh,
    envoy: string,
    credentials: Pair<Credentials>,
    ids: Pair<string>,
    under: Under | undefined,
  ) {
    this.#under = under;
    this.#mesh = mesh;
    this.#envoy = envoy;
    this.#credentials = credentials;
    this.#ids = ids;
  }

  /** `under`: a tool that all of them run under. */
  static async open(mesh: TestMesh, envoy: string, under?: Under): Promise<Pairs> {
    const authority = await mesh.controlPlane.authority();
    const idOf = (account: string) => `spiffe://${authority.trustDomain}/ns/default/sa/${account}`;
    const credentials = {
      client: await credentialsOf(authority, clientAccount),
      server: await credentialsOf(authority, serverAccount),
    };
    return new Pairs(mesh, envoy, credentials, { client: idOf(clientAccount), server: idOf(serverAccount) }, under);
  }

  /** Two Envoys with the smallest configuration that does mutual TLS between them, and what `part` changes in it. */
  startStatic({ name, change }: Part = plain): Promise<Lane> {
    const { client, server } = this.#credentials;
    return this.#start(name, (at) => ({
      client: change(clientConfig(at.outbound, this.#mesh.addressOf(serverPod), this.#ids.server, client)),
      server: change(serverConfig(at.inbound, this.#ids.client, server)),
    }));
  }

  /** Two Envoys that do as the mesh's sidecars do now, but for one part. */
  async startReplay(part: Part): Promise<Lane> {
    const { client, server } = this.#credentials;
    const dumps = {
      client: (await this.#mesh.configDump(clientPod)) as Json,
      server: (await this.#mesh.configDump(serverPod)) as Json,
    };
    return this.#start(part.name, (at) => ({
      client: part.change(replay(dumps.client, client, at)),
      server: part.change(replay(dumps.server, server, at)),
    }));
  }

  async #start(name: string, configure: (at: LanePorts) => Pair<Fields>): Promise<Lane> {
    this.#count += 1;
    const first = 15_000 + 100 * this.#count;
    const at = { outbound: first + 1, inbound: first + 6 };
    const config = configure(at);
    const pids = [
      await this.#startEnvoy(clientPod, `pair-${this.#count}-client`, config.client),
      await this.#startEnvoy(serverPod, `pair-${this.#count}-server`, config.server),
    ];
    return { name, ports: at, pids, urlFor: (version) => `http://bench:${ports.permissive[version].port}/` };
  }

  async #startEnvoy(pod: string, name: string, bootstrap: Fields): Promise<number> {
    const { logDirectory, policyDirectory } = this.#mesh;
    const namespace = this.#mesh.workload(pod).namespace.name;
    const options = {
      ...{ name, envoy: this.#envoy, namespace, directory: dirname(policyDirectory), logDirectory },
      ...(this.#under && { under: this.#under }),
    };
    const started = await startEnvoy(options, bootstrap);
    this.#started.push(started);
    return started.pid;
  }

  /** Private folders of the Envoys that run, in the order they were started. */
  get folders(): readonly string[] {
    return this.#started.map(({ folder }) => folder);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#started.splice(0).map((started) => started.stop()));
  }
}
