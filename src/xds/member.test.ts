import { Client, credentials, Metadata, status, type ClientDuplexStream, type ServiceError } from "@grpc/grpc-js";
import type { Identity } from "../ca/index.ts";
import type { MemberClaim } from "../mesh/index.ts";
import { joinPath, type GroupNotice, type Memberships } from "./index.ts";
import { proxyResources } from "./testdata/resources.ts";
import { snapshotOf, startServer, type TestServer } from "./testdata/server.ts";
import { until } from "./testdata/until.ts";

const claim: MemberClaim = { group: "vms", address: "10.9.0.1", network: "", labels: { app: "vm" }, locality: "" };

/** Lets everybody of the service account `vm` join, and writes down what happens. */
class Book implements Memberships {
  readonly events: unknown[] = [];
  tell: (notice: GroupNotice) => void = () => undefined;

  join: Memberships["join"] = ({ namespace, serviceAccount }: Identity, joining, tell) => {
    if (serviceAccount !== "vm") return { refused: "another service account" };
    this.events.push(["join", namespace, joining]);
    this.tell = tell;
    tell({ entry: "vms-10.9.0.1" });
    return {
      onHealth: (healthy, message) => this.events.push(["health", healthy, message]),
      onLeave: () => this.events.push(["leave"]),
      onLost: () => this.events.push(["lost"]),
    };
  };
}

let test: TestServer;
let book: Book;
const clients: Client[] = [];
beforeEach(async () => {
  book = new Book();
  test = await startServer({ memberships: book });
  test.server.publish(snapshotOf(proxyResources({ cds: { a: "1" } })), "1");
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await test.server.stop({ graceMs: 1_000 });
});

interface Joined {
  readonly call: ClientDuplexStream<Buffer, GroupNotice>;
  readonly notices: GroupNotice[];
  ended: ServiceError | "ok" | undefined;
}

function open(token?: string): Joined {
  const client = new Client(`localhost:${test.port}`, credentials.createSsl(Buffer.from(test.root)));
  clients.push(client);
  const metadata = new Metadata();
  if (token !== undefined) metadata.set("authorization", `Bearer ${token}`);
  const decode = (bytes: Buffer) => JSON.parse(bytes.toString()) as GroupNotice;
  const call = client.makeBidiStreamRequest(joinPath, (bytes: Buffer) => bytes, decode, metadata);
  const joined: Joined = { call, notices: [], ended: undefined };
  call.on("data", (notice: GroupNotice) => joined.notices.push(notice));
  call.on("error", (error: ServiceError) => (joined.ended = error));
  call.on("end", () => (joined.ended ??= "ok"));
  return joined;
}

const say = ({ call }: Joined, message: unknown) => call.write(Buffer.from(JSON.stringify(message)));
const endOf = async (joined: Joined) => {
  await until(() => joined.ended !== undefined, "the end of the stream");
  return joined.ended;
};

it("lets a workload join, report its health, and leave", async () => {
  const joined = open("token-shop-vm");
  say(joined, { join: claim });
  await until(() => joined.notices.length === 1, "a notice");
  book.tell({ entry: "vms-10.9.0.1", probe: { periodSeconds: 1 } });
  await until(() => joined.notices.length === 2, "another notice");
  expect(joined.notices).toEqual([{ entry: "vms-10.9.0.1" }, { entry: "vms-10.9.0.1", probe: { periodSeconds: 1 } }]);
  say(joined, { health: { healthy: false, message: `\u001b[1m${"m".repeat(1000)}` } });
  say(joined, { health: { healthy: true } });
  say(joined, { leave: true });
  expect(await endOf(joined)).toBe("ok");
  const told = ["health", false, `?[1m${"m".repeat(296)}`];
  expect(book.events).toEqual([["join", "shop", claim], told, ["health", true, ""], ["leave"]]);
});

it("tells a stream that ends without a word from one that leaves", async () => {
  const joined = open("token-shop-vm");
  say(joined, { join: { ...claim, healthy: true } });
  await until(() => joined.notices.length === 1, "a notice");
  joined.call.cancel();
  await until(() => book.events.length === 2, "the loss");
  expect(book.events).toEqual([["join", "shop", { ...claim, healthy: true }], ["lost"]]);
});

it.each([
  ["no credential", undefined, { join: claim }, status.UNAUTHENTICATED],
  ["a bad credential", "nonsense", { join: claim }, status.UNAUTHENTICATED],
  ["another account's credential", "token-shop-other", { join: claim }, status.PERMISSION_DENIED],
  ["a first message that joins nothing", "token-shop-vm", { leave: true }, status.INVALID_ARGUMENT],
  ["nonsense", "token-shop-vm", "nonsense", status.INVALID_ARGUMENT],
  ["labels that are no texts", "token-shop-vm", { join: { ...claim, labels: { a: 1 } } }, status.INVALID_ARGUMENT],
  ["no address", "token-shop-vm", { join: { ...claim, address: undefined } }, status.INVALID_ARGUMENT],
  ["a message that is too long", "token-shop-vm", { join: claim, more: "m".repeat(70_000) }, status.INVALID_ARGUMENT],
])("refuses %s, and remembers who it was", async (_what, token, message, code) => {
  const joined = open(token);
  say(joined, message);
  expect(await endOf(joined)).toMatchObject({ code });
  expect(book.events).toEqual([]);
  const [refused] = test.server.refusedCallers();
  expect(refused?.reason).toBe((joined.ended as ServiceError).details);
  expect(test.lines.join("")).not.toContain(token ?? "Bearer");
});

it("forgets that a workload was refused when it is let in", async () => {
  const refused = open("token-shop-other");
  say(refused, { join: claim });
  await endOf(refused);
  expect(test.server.refusedCallers()).toHaveLength(1);
  const joined = open("token-shop-vm");
  say(joined, { join: claim });
  await until(() => joined.notices.length === 1, "a notice");
  expect(test.server.refusedCallers()).toEqual([]);
});

it("refuses a second join on one stream, which is then lost", async () => {
  const joined = open("token-shop-vm");
  say(joined, { join: claim });
  say(joined, { join: claim });
  expect(await endOf(joined)).toMatchObject({ code: status.INVALID_ARGUMENT });
  expect(book.events).toEqual([["join", "shop", claim], ["lost"]]);
});

it("ends all streams when it stops, and nobody's membership with a word", async () => {
  const joined = open("token-shop-vm");
  say(joined, { join: claim });
  await until(() => joined.notices.length === 1, "a notice");
  await test.server.stop({ graceMs: 1_000 });
  expect(await endOf(joined)).toMatchObject({ code: status.UNAVAILABLE });
  expect(book.events.at(-1)).toEqual(["lost"]);
});

it("reads nothing before the first publication: nobody knows which groups there are", async () => {
  const { server, port } = await startServer({ memberships: book });
  const client = new Client(`localhost:${port}`, credentials.createSsl(Buffer.from(test.root)));
  clients.push(client);
  const metadata = new Metadata();
  metadata.set("authorization", "Bearer token-shop-vm");
  const call = client.makeBidiStreamRequest(
    joinPath,
    (bytes: Buffer) => bytes,
    (bytes: Buffer) => bytes,
    metadata,
  );
  call.on("error", () => undefined);
  call.write(Buffer.from(JSON.stringify({ join: claim })));
  const answered = new Promise((resolve) => call.once("data", resolve));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(book.events).toEqual([]);
  server.publish(snapshotOf(proxyResources({ cds: { a: "1" } })), "1");
  await answered;
  call.cancel();
  await server.stop({ graceMs: 1_000 });
});
