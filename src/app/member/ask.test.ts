import { createServer as createHttp, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { createServer as createTcp } from "node:net";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AddressInfo } from "node:net";
import { Server as GrpcServer, ServerCredentials } from "@grpc/grpc-js";
import { askExec } from "./ask-exec.ts";
import { askGrpc } from "./ask-grpc.ts";
import { askHttp } from "./ask-http.ts";
import { askTcp } from "./ask-tcp.ts";

const closing: (() => unknown)[] = [];
afterEach(() => Promise.all(closing.splice(0).map((close) => close())));

async function serve(listener: RequestListener): Promise<number> {
  const server: Server = createHttp(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const http = { host: "localhost", path: "/", scheme: "HTTP", httpHeaders: [] } as const;

describe("over HTTP", () => {
  it.each([
    [200, true],
    [204, true],
    [302, true],
    [399, true],
    [400, false],
    [503, false],
  ])("status %i is well: %s", async (status, well) => {
    const port = await serve((_request, response) => response.writeHead(status, { location: "/elsewhere" }).end("a"));
    const asked = askHttp({ ...http, port }, 1000);
    await (well ? expect(asked).resolves.toBeUndefined() : expect(asked).rejects.toThrow(`${status}`));
  });

  it("asks as the probe says: path, query, headers, host", async () => {
    const requests: IncomingMessage[] = [];
    const port = await serve((request, response) => {
      requests.push(request);
      response.end();
    });
    const httpHeaders = [
      { name: "Host", value: "app.example" },
      { name: "X-Probe", value: "a" },
      { name: "x-probe", value: "b" },
    ];
    await askHttp({ ...http, port, path: "healthz?deep=1 2", httpHeaders }, 1000);
    await askHttp({ ...http, port, path: "//evil.example/a" }, 1000);
    expect(requests[0]).toMatchObject({ method: "GET", url: "/healthz?deep=1%202" });
    expect(requests[0]?.headers).toMatchObject({ host: "app.example", "x-probe": "a, b" });
    expect(requests[0]?.headers["user-agent"]).toMatch(/^heddle-probe\//);
    expect(requests[1]?.url).toBe("//evil.example/a");
    expect(requests[1]?.headers.host).toBe(`localhost:${port}`);
  });

  it("gives up after the timeout, and where nobody listens", async () => {
    const port = await serve(() => undefined);
    await expect(askHttp({ ...http, port }, 50)).rejects.toThrow("no answer within 0.05 s");
    await expect(askHttp({ ...http, port: 1 }, 1000)).rejects.toThrow(/ECONNREFUSED|connect/);
  });
});

it("over TCP a connection is well", async () => {
  const server = createTcp((socket) => socket.on("error", () => undefined));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await expect(askTcp({ host: "localhost", port }, 1000)).resolves.toBeUndefined();
  await new Promise((resolve) => server.close(resolve));
  await expect(askTcp({ host: "127.0.0.1", port }, 1000)).rejects.toThrow();
});

describe("by a command", () => {
  it("status 0 is well", async () => {
    await expect(askExec({ command: ["true"] }, 1000)).resolves.toBeUndefined();
    await expect(askExec({ command: ["sh", "-c", "exit 3"] }, 1000)).rejects.toThrow("status 3");
    await expect(askExec({ command: ["/nowhere/at/all"] }, 1000)).rejects.toThrow("ENOENT");
  });

  it("gives it nothing of our environment, and kills what takes too long with all that it started", async () => {
    const dir = await mkdtemp(join(tmpdir(), "heddle-exec-"));
    process.env["HEDDLE_TEST_SECRET"] = "a";
    await expect(askExec({ command: ["sh", "-c", 'test -z "$HEDDLE_TEST_SECRET"'] }, 1000)).resolves.toBeUndefined();
    delete process.env["HEDDLE_TEST_SECRET"];
    const late = join(dir, "late");
    await expect(askExec({ command: ["sh", "-c", `sleep 0.4; touch ${late}`] }, 50)).rejects.toThrow(
      "longer than 0.05 s",
    );
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(existsSync(late)).toBe(false);
    await rm(dir, { recursive: true });
  });
});

describe("by gRPC's health service", () => {
  interface Asked {
    readonly service: string;
  }

  async function health(answer: (service: string) => number): Promise<number> {
    const server = new GrpcServer();
    const definition = {
      Check: {
        path: "/grpc.health.v1.Health/Check",
        requestStream: false,
        responseStream: false,
        requestDeserialize: (bytes: Buffer) => ({ service: bytes.subarray(2).toString() }),
        requestSerialize: ({ service }: Asked) => Buffer.from(service),
        responseSerialize: (status: number) => Buffer.from([8, status]),
        responseDeserialize: (bytes: Buffer) => bytes[1] ?? 0,
      },
    } as const;
    server.addService(definition, {
      Check: ({ request: { service } }: { request: Asked }, reply: (error: object | null, status?: number) => void) => {
        if (service === "unknown") reply({ code: 5, details: "no such service" });
        else reply(null, answer(service));
      },
    });
    closing.push(() => server.forceShutdown());
    return new Promise((resolve, reject) => {
      server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
        error ? reject(error) : resolve(port),
      );
    });
  }

  it("only SERVING is well, of the service that the probe names", async () => {
    const port = await health((service) => (service === "shop.Billing" ? 1 : 2));
    await expect(askGrpc({ port, service: "shop.Billing" }, 2000)).resolves.toBeUndefined();
    await expect(askGrpc({ port, service: "" }, 2000)).rejects.toThrow("status 2");
    await expect(askGrpc({ port, service: "unknown" }, 2000)).rejects.toThrow("the health service: no such service");
  });

  it("nobody there is not well", async () => {
    await expect(askGrpc({ port: 1, service: "" }, 300)).rejects.toThrow("the health service");
  });
});
