import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { connectApi, type ApiAnswer, type ApiRequest, type KubernetesApi } from "../api.ts";

type Stored = Record<string, unknown> & { metadata: Record<string, unknown> };
type Patch = readonly { op: string; path: string; value: unknown }[];

/** As much of a Kubernetes API server as we use: names taken once, versions compared, JSON patches, deletions. For tests without one. */
export class TestApiServer {
  readonly objects = new Map<string, Stored>();
  readonly calls: ApiRequest[] = [];
  /** Answers in place of the server; undefined leaves it to the server. */
  intercept: (call: ApiRequest) => ApiAnswer | "hang up" | undefined | Promise<ApiAnswer | undefined> = () => undefined;
  #version = 0;
  readonly #server = createServer((request, response) => void this.#onRequest(request, response));

  async start(): Promise<KubernetesApi> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const { port } = this.#server.address() as AddressInfo;
    const server = `http://127.0.0.1:${port}`;
    return connectApi({
      getCurrentCluster: () => ({ name: "test", server, skipTLSVerify: true }),
      applyToHTTPSOptions: () => Promise.resolve(),
    });
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Puts an object there, as somebody else would. */
  put(path: string, object: object): void {
    this.#version += 1;
    const { metadata, ...rest } = object as Partial<Stored>;
    this.objects.set(path, { ...rest, metadata: { ...metadata, resourceVersion: String(this.#version) } });
  }

  /** The calls that changed something, as `PUT /path`. */
  get writes(): string[] {
    return this.calls.filter(({ method }) => method !== "GET").map(({ method, path }) => `${method} ${path}`);
  }

  async #onRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const method = request.method as ApiRequest["method"];
    const call: ApiRequest = { method, path: request.url ?? "", ...(text !== "" && { body: JSON.parse(text) as object }) };
    this.calls.push(call);
    const intercepted = await this.intercept(call);
    if (intercepted === "hang up") return void response.destroy();
    const { status, body } = intercepted ?? this.#answer(call);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  }

  #answer({ method, path, body = {} }: ApiRequest): ApiAnswer {
    const [whole = "", query = ""] = path.split("?");
    const at = whole.replace(/\/status$/, "");
    if (method === "POST") return this.#create(at, body as Stored);
    if (query.includes("fieldSelector")) return this.#list(at, new URLSearchParams(query).get("fieldSelector") ?? "");
    const stored = this.objects.get(at);
    if (!stored) return refusal(404, "NotFound");
    if (method === "PUT") {
      if ((body as Stored).metadata["resourceVersion"] !== stored.metadata["resourceVersion"])
        return refusal(409, "Conflict");
      this.put(at, body);
    }
    if (method === "PATCH") {
      if (!patch(stored, body as Patch)) return refusal(422, "Invalid");
      this.put(at, stored);
    }
    if (method === "DELETE") {
      const { preconditions = {} } = body as { preconditions?: object };
      const isOther = Object.entries(preconditions).some(([name, value]) => stored.metadata[name] !== value);
      if (isOther) return refusal(409, "Conflict");
      this.objects.delete(at);
      return { status: 200, body: stored };
    }
    return { status: 200, body: this.objects.get(at) };
  }

  #create(list: string, object: Stored): ApiAnswer {
    const path = `${list}/${String(object.metadata["name"])}`;
    if (this.objects.has(path)) return refusal(409, "AlreadyExists");
    const [, namespace] = /\/namespaces\/([^/]+)\//.exec(path) ?? [];
    this.put(path, { ...object, metadata: { ...object.metadata, ...(namespace !== undefined && { namespace }) } });
    return { status: 201, body: this.objects.get(path) };
  }

  /** A list over all namespaces, of one name. */
  #list(path: string, selector: string): ApiAnswer {
    const [, name = ""] = selector.split("metadata.name=");
    const kind = path.split("/").at(-1) ?? "";
    const items = [...this.objects].filter(([at]) => at.endsWith(`/${kind}/${name}`)).map(([, object]) => object);
    return { status: 200, body: { metadata: {}, items } };
  }
}

export function refusal(status: number, reason: string, message = reason): ApiAnswer {
  return { status, body: { kind: "Status", reason, message, code: status } };
}

/** RFC 6902, the operations we use; false where a test fails. */
function patch(object: Stored, operations: Patch): boolean {
  for (const { op, path, value } of operations) {
    const steps = path.split("/").slice(1);
    const last = steps.pop() ?? "";
    const parent = steps.reduce<Record<string, unknown>>((found, step) => found[step] as Record<string, unknown>, object);
    if (op === "test" && parent[last] !== value) return false;
    if (op !== "test") parent[last] = value;
  }
  return true;
}
