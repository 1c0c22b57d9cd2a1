import { echoPod, echoService, meshForSuite, policy, serverStats, waitFor } from "./harness/index.ts";

const route = [{ destination: { host: "shop" } }];
const on = (path: string): object[] => [{ uri: { exact: `/${path}` } }];

/** What each path has copied, and to whom: `copies` has two versions, and listens on three ports. */
const mesh = meshForSuite({
  yaml: [
    echoPod({ name: "client" }),
    echoPod({ name: "shop" }),
    ...["v1", "v2"].map((version) =>
      echoPod({ name: `copies-${version}`, app: "copies", version, env: { PORT: "8080,8081,8082" } }),
    ),
    echoService({ name: "shop" }),
    echoService({ name: "copies", ports: { http: [80, 8080], "http-one": [81, 8081], "http-two": [82, 8082] } }),
    policy("DestinationRule", "copies", {
      host: "copies",
      subsets: [
        { name: "v1", labels: { version: "v1" } },
        { name: "v2", labels: { version: "v2" } },
      ],
    }),
    policy("VirtualService", "shop", {
      hosts: ["shop"],
      http: [
        { match: on("all"), mirror: { host: "copies" }, route },
        { match: on("to-subset"), mirror: { host: "copies", subset: "v2" }, route },
        {
          match: on("to-subsets"),
          mirrors: [
            { destination: { host: "copies", subset: "v1" } },
            { destination: { host: "copies", subset: "v2" }, percentage: { value: 50 } },
          ],
          route,
        },
        { match: on("to-port"), mirror: { host: "copies", port: { number: 81 } }, route },
        { match: on("to-ports"), mirrors: [{ destination: { host: "copies", port: { number: 82 } } }], route },
        { match: on("percentage"), mirror: { host: "copies" }, mirrorPercentage: { value: 25 }, route },
        { match: on("percent"), mirror: { host: "copies" }, mirrorPercent: 50, route },
        { match: on("older-percent"), mirror: { host: "copies" }, mirror_percent: 75, route },
        { route },
      ],
    }),
  ].join(""),
});

const send = (path: string, count: number) =>
  mesh().request("client", `http://shop/${path}`, { count, concurrency: 4 });
const at = (version: string) => serverStats(mesh(), "client", `${mesh().addressOf(`copies-${version}`)}:8080`);
async function copies(path: string): Promise<{ v1: number; v2: number }> {
  const [v1 = 0, v2 = 0] = (await Promise.all([at("v1"), at("v2")])).map(({ byPath }) => byPath[`/${path}`]);
  return { v1, v2 };
}

it("sends a copy of everything, and the answer is the original's", async () => {
  const { byInstance } = await send("all", 30);
  expect(byInstance).toEqual({ shop: 30 });
  await waitFor("30 copies", async () => {
    const { v1, v2 } = await copies("all");
    return v1 + v2 === 30;
  });
});

it("to a subset alone", async () => {
  await send("to-subset", 20);
  await waitFor("20 copies", async () => (await copies("to-subset")).v2 === 20);
  expect(await copies("to-subset")).toEqual({ v1: 0, v2: 20 });
});

/** Of 256 requests four standard deviations are at most 32. */
const near = (share: number) => (copies: number) => Math.abs(copies - 256 * share) <= 32;

it("to several, each with its share: half of 256 within 32", async () => {
  await send("to-subsets", 256);
  await waitFor("256 copies at the one", async () => (await copies("to-subsets")).v1 === 256);
  await waitFor("half at the other", async () => near(0.5)((await copies("to-subsets")).v2));
});

it("to a port that the request does not come to", async () => {
  await send("to-port", 5);
  await send("to-ports", 7);
  const byPort = async (port: string): Promise<number> =>
    (await Promise.all([at("v1"), at("v2")])).reduce((sum, stats) => sum + (stats.byPort[port] ?? 0), 0);
  await waitFor("all copies", async () => (await byPort("8081")) === 5 && (await byPort("8082")) === 7);
});

it.each([
  ["percentage", 0.25],
  ["percent", 0.5],
  ["older-percent", 0.75],
])("copies the share that %s says: %d of 256, within 32", async (path, share) => {
  await send(path, 256);
  const all = async (): Promise<number> => Object.values(await copies(path)).reduce((sum, count) => sum + count, 0);
  await waitFor("the copies", async () => near(share)(await all()));
  await send("all", 1); // whatever was sent before has arrived by then
  expect(near(share)(await all())).toBe(true);
});
