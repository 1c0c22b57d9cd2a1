import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { openApi, type Access, type Line } from "./api.ts";

/** An API server of plain HTTP; `closes`: it ends each connection after its answer. */
async function serve({ closes = false } = {}): Promise<{ server: Server; access: Access; url: string }> {
  const server = createServer((request, response) => {
    if (closes) response.setHeader("connection", "close");
    const isWatch = request.url?.includes("watch=1") === true;
    response.end(isWatch ? '{"type":"ADDED","object":{}}\n{"type":"ADDED","object":{}}\n' : '{"items":[]}');
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const access: Access = {
    getCurrentCluster: () => ({ name: "it", server: url, skipTLSVerify: false }),
    applyToHTTPSOptions: () => Promise.resolve(),
  };
  return { server, access, url };
}

const opened: { server: Server; line: Line }[] = [];
async function openLine(options?: { closes: boolean }, change: (access: Access, url: string) => Access = (it) => it) {
  const { server, access, url } = await serve(options);
  const line = openApi(change(access, url)).openLine();
  opened.push({ server, line });
  return line;
}

afterEach(() => {
  for (const { server, line } of opened.splice(0)) {
    line.close();
    server.closeAllConnections();
    server.close();
  }
});

const watch = (line: Line, onEvent = (): void => undefined): Promise<void> =>
  line.watch({ path: "/pods" }, onEvent, () => undefined);

it("reads over one connection: list, watch and the next watch", async () => {
  const line = await openLine();
  await line.get({ path: "/pods" });
  expect(line.connection).toBe(1);
  await watch(line);
  await watch(line);
  expect(line.connection).toBe(1);
});

it("counts another connection where the server has ended the last", async () => {
  const line = await openLine({ closes: true });
  await line.get({ path: "/pods" });
  await watch(line);
  expect(line.connection).toBe(2);
});

it("ends a watch that its listener does not want, and is usable after it", async () => {
  const line = await openLine();
  const refuse = (): void => {
    throw new Error("enough");
  };
  await expect(watch(line, refuse)).rejects.toThrow("enough");
  await expect(line.watch({ path: "/pods" }, () => undefined, refuse)).rejects.toThrow("enough");
  await expect(line.get({ path: "/pods" })).resolves.toEqual({ items: [] });
});

it("says nothing of connections behind a proxy of the kubeconfig", async () => {
  const line = await openLine({ closes: false }, (access, url) => ({
    ...access,
    getCurrentCluster: () => ({ name: "it", server: url, skipTLSVerify: false, proxyUrl: "http://proxy" }),
  }));
  await line.get({ path: "/pods" });
  expect(line.connection).toBeUndefined();
});
