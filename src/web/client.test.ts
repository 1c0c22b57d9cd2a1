import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { once } from "node:events";
import { connect, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { createAdminClient, type AdminClient } from "./client.ts";
import { createAdminServer, type AdminServer } from "./server.ts";
import { live, proxy, silent, sources, token } from "./testdata/sources.ts";
import type { AdminSources } from "./types.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

async function tokenFile(text = `${token}\n`): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "heddle-web-"));
  cleanups.push(() => rm(dir, { recursive: true }));
  const file = join(dir, "admin.token");
  await writeFile(file, text, { mode: 0o600 });
  return file;
}

async function running(
  more: Partial<AdminSources> = {},
): Promise<{ client: AdminClient; server: AdminServer; url: string }> {
  const server = createAdminServer(sources(more), { port: 0, token, log: silent });
  const url = await server.start();
  cleanups.push(() => server.stop());
  return { server, url, client: createAdminClient({ url, tokenFile: await tokenFile() }) };
}

describe("the client, over a socket", () => {
  it("calls every route", async () => {
    const { client, url } = await running();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await client.proxies()).toEqual({ value: [proxy] });
    expect(await client.config(proxy.name, "clusters")).toMatchObject({ value: [{ name: "outbound|80||reviews" }] });
    expect(await client.problems()).toMatchObject({ value: [{ code: "HED101" }] });
    expect(await client.objects()).toMatchObject({ value: [{ name: "reviews" }] });
    expect(await client.ca()).toMatchObject({ value: { trustDomain: "cluster.local" } });
    expect(await client.metrics()).toMatchObject({ value: expect.stringContaining("heddle_test_total") });
    expect(await client.createToken({ namespace: "shop", serviceAccount: "reviews", ttlMs: 1000 })).toEqual({
      value: { token: "a.b.c", expiresAt: 1 },
    });
    expect(await client.apply("a", { file: "a.yaml", waitMs: 1000 })).toEqual({
      value: { written: true, revision: "2", objects: [], problems: [], live },
    });
  });

  it("takes the problems of a refused text for the answer", async () => {
    const problems = [{ code: "HED101", level: "error" as const, message: "unknown field" }];
    const { client } = await running({
      apply: () => Promise.resolve({ written: false, revision: "1", objects: [], problems }),
    });
    expect(await client.apply("a", { file: "a.yaml" })).toEqual({
      value: { written: false, revision: "1", objects: [], problems },
    });
  });

  it.each<[string, (client: AdminClient) => Promise<unknown>, object]>([
    [
      "an unknown proxy",
      (client) => client.config("a/b.c"),
      { kind: "bad-request", message: "no proxy of this name is connected" },
    ],
    ["a bad file name", (client) => client.apply("a", { file: "../a" }), { kind: "bad-request" }],
    [
      "a fault of the server",
      (client) => client.proxies(),
      { kind: "failed", message: expect.stringContaining("log") },
    ],
  ])("says why: %s", async (_what, call, error) => {
    const { client } = await running({
      proxies: () => {
        throw new Error("ours");
      },
    });
    expect(await call(client)).toMatchObject({ error });
  });

  it("says that no server runs", async () => {
    const { client, server, url } = await running();
    await server.stop();
    expect(await client.proxies()).toEqual({
      error: { kind: "not-running", message: expect.stringContaining(`${url} (ECONNREFUSED)`) },
    });
  });

  it("says that the token is missing, not readable, refused or no token", async () => {
    const { url } = await running();
    const at = async (file: string) =>
      (await createAdminClient({ url, tokenFile: file }).proxies()) as { error: { kind: string; message: string } };
    expect((await at("/nonexistent/token")).error).toMatchObject({
      kind: "no-token",
      message: expect.stringContaining("ENOENT"),
    });
    expect((await at(await tokenFile("u".repeat(43)))).error.kind).toBe("refused");
    const odd = await at(await tokenFile("two\nlines"));
    expect(odd.error.kind).not.toBe("");
    expect(odd.error.message).not.toContain("lines");
    const closed = await tokenFile();
    await chmod(closed, 0);
    if (process.getuid?.() !== 0) expect((await at(closed)).error.message).toContain("EACCES");
  });

  it("reads the token anew after the server restarted with another", async () => {
    const { url, server } = await running();
    const file = await tokenFile("u".repeat(43));
    const client = createAdminClient({ url, tokenFile: file });
    expect(await client.proxies()).toMatchObject({ error: { kind: "refused" } });
    await server.stop();
    const next = createAdminServer(sources(), { port: Number(new URL(url).port), token: "u".repeat(43), log: silent });
    await next.start();
    cleanups.push(() => next.stop());
    expect(await client.proxies()).toEqual({ value: [proxy] });
  });

  it("is not confused by somebody else's server", async () => {
    const other = createServer((_request, response) => response.end("<html>"));
    other.listen(0, "127.0.0.1");
    await once(other, "listening");
    cleanups.push(() => new Promise((resolve) => other.close(resolve)));
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    const client = createAdminClient({ url, tokenFile: await tokenFile() });
    expect(await client.proxies()).toMatchObject({ error: { kind: "failed" } });
  });
});

describe("the server, over a socket", () => {
  it("says which port is taken", async () => {
    const { url } = await running();
    const second = createAdminServer(sources(), { port: Number(new URL(url).port), token, log: silent });
    await expect(second.start()).rejects.toThrow(/EADDRINUSE.*127\.0\.0\.1/);
  });

  it("answers no one who does not say under which name", async () => {
    const { url } = await running();
    const socket = connect({ host: "127.0.0.1", port: Number(new URL(url).port) });
    socket.end(`GET /api/v1/proxies HTTP/1.0\r\nAuthorization: Bearer ${token}\r\n\r\n`);
    expect((await text(socket)).split("\r\n")[0]).toMatch(/ 403 /);
  });

  it("ends the waits when it stops, with what is known", async () => {
    const waiting = Promise.withResolvers<void>();
    const { client, server } = await running({
      live: (_revision, signal) => {
        waiting.resolve();
        return new Promise((resolve) =>
          signal.addEventListener("abort", () => resolve({ ...live, pending: [proxy.name] })),
        );
      },
    });
    const answer = client.apply("a", { file: "a.yaml", waitMs: 600_000 });
    await waiting.promise;
    await server.stop();
    expect(await answer).toMatchObject({ value: { live: { pending: [proxy.name] } } });
  });

  it("stops waiting for a caller who hung up", async () => {
    const waiting = Promise.withResolvers<void>();
    const over = Promise.withResolvers<void>();
    const { url } = await running({
      live: (_revision, signal) => {
        waiting.resolve();
        return new Promise((resolve) => signal.addEventListener("abort", () => (over.resolve(), resolve(live))));
      },
    });
    const hangUp = new AbortController();
    const call = fetch(`${url}/api/v1/apply?file=a.yaml&wait=true&timeoutMs=600000`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/yaml" },
      body: "a",
      signal: hangUp.signal,
    }).catch(() => undefined);
    await waiting.promise;
    hangUp.abort();
    await over.promise; // else this test never ends
    await call;
  });
});
