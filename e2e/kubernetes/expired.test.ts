import { createLog, systemClock } from "../../src/lib/index.ts";
import { openApi, type Api, type Line, type WatchEvent } from "../../src/source/kubernetes/api.ts";
import { Informer, type Sink } from "../../src/source/kubernetes/informer.ts";
import { Pace } from "../../src/source/kubernetes/pace.ts";
import { ApiServer } from "../harness/api-server.ts";
import { waitFor } from "../harness/wait.ts";
import { apply, remove, type Manifest } from "./cluster.ts";

let server: ApiServer;
let informer: Informer | undefined;

beforeAll(async () => {
  server = await ApiServer.start();
});

afterAll(async () => {
  await informer?.stop();
  await server?.close();
});

const service = (name: string): Manifest => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, namespace: "shop" },
  spec: { ports: [{ name: "http", port: 80 }] },
});

const nameOf = (item: unknown): string => (item as { metadata: { name: string } }).metadata.name;

/** What an informer tells of: the names there are, and each step by which it came to them. */
class Names implements Sink {
  readonly steps: string[] = [];
  now = new Set<string>();

  replace(items: readonly unknown[]): void {
    this.now = new Set(items.map(nameOf));
    this.steps.push("all");
  }

  upsert(item: unknown): void {
    this.now.add(nameOf(item));
    this.steps.push(`+${nameOf(item)}`);
  }

  remove(item: unknown): void {
    this.now.delete(nameOf(item));
    this.steps.push(`-${nameOf(item)}`);
  }
}

/** The API, where the first watch asks for what came after `version`, as one does that has slept too long. */
function sleepy(api: Api, version: string, heard: WatchEvent[]): Api {
  const openLine = (): Line => {
    const line = api.openLine();
    let isFirst = true;
    return {
      get: (call) => line.get(call),
      watch: (call, onEvent, onOpen) => {
        const query = { ...call.query, ...(isFirst && { resourceVersion: version }) };
        isFirst = false;
        const hear = (event: WatchEvent): void => {
          heard.push(event);
          onEvent(event);
        };
        return line.watch({ ...call, query }, hear, onOpen);
      },
      get connection() {
        return line.connection;
      },
      close: () => line.close(),
    };
  };
  return { ...api, openLine };
}

it("reads everything again when the server has forgotten the version that is asked for (410), and loses nothing", async () => {
  await apply(server, service("old"));
  const { metadata } = (await server.admin.get({ path: "/api/v1/services" })) as {
    metadata: { resourceVersion: string };
  };
  await apply(server, service("new"));
  await remove(server, service("old"));
  await server.compact();
  await server.killServer(); // its memory of changes goes too
  await server.startServer();
  const heard: WatchEvent[] = [];
  const sink = new Names();
  const resource = { kind: "Service", apiVersion: "v1", path: "/api/v1/services", hasStatus: false };
  informer = new Informer({
    api: sleepy(openApi(server.kubeConfig("admin")), metadata.resourceVersion, heard),
    sink,
    pace: new Pace(systemClock, 100),
    clock: systemClock,
    log: createLog("silent"),
    order: 0,
    locate: () => Promise.resolve(resource),
    onStatus: () => undefined,
  });
  await informer.start();
  await waitFor("the second list", () => sink.steps.filter((step) => step === "all").length === 2);
  expect(heard.map(({ type, object }) => [type, (object as { code?: number }).code])).toEqual([["ERROR", 410]]);
  expect([...sink.now].sort()).toEqual(["kubernetes", "new"]);
  expect(sink.steps).toEqual(["all", "all"]); // nothing was taken back meanwhile
  await apply(server, service("next"));
  await waitFor("the watch to go on", () => sink.steps.includes("+next"));
  expect(informer.status).toBe("synced");
  expect(sink.steps).toEqual(["all", "all", "+next"]);
});
