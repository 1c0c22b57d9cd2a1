import { waitFor, type Answer } from "./harness/index.ts";
import { patch, patchedMesh, patches, typed } from "./envoy-patches.ts";

const { mesh, apply, ask, stat } = patchedMesh();
const host = "server.default.svc.cluster.local";
const managerName = "envoy.filters.network.http_connection_manager";
const routerName = "envoy.filters.http.router";
const outbound = { context: "SIDECAR_OUTBOUND" };

const router = { name: routerName, ...typed("http.router.v3.Router") };
const http = (name?: string): object => ({
  ...outbound,
  listener: {
    portNumber: 80,
    filterChain: { filter: { name: managerName, ...(name !== undefined && { subFilter: { name } }) } },
  },
});
/** Adds its name to a header of the answers: those who come first see them last. */
const lua = (name: string): object => ({
  default_source_code: { inline_string: `function envoy_on_response(h) h:headers():add("x-mark", "${name}") end` },
});
const marking = (name: string): object => ({ name, ...typed("http.lua.v3.Lua", lua(name)) });
const marks = (answer: Answer): unknown => answer.headers["x-mark"];

describe("HTTP_FILTER", () => {
  it("INSERT_FIRST, INSERT_BEFORE and INSERT_AFTER put one in, each in its place, and REMOVE takes one out", async () => {
    await apply(
      "client",
      patch("HTTP_FILTER", "INSERT_BEFORE", http(routerName), marking("before")),
      patch("HTTP_FILTER", "INSERT_AFTER", http("before"), marking("after")),
      patch("HTTP_FILTER", "INSERT_FIRST", http(), marking("first")),
      patch("HTTP_FILTER", "INSERT_FIRST", http(), marking("gone")),
      patch("HTTP_FILTER", "REMOVE", http("gone")),
    );
    await waitFor("the filters", async () => marks(await ask()) !== undefined);
    expect(marks(await ask())).toBe("after, before, first");
  });

  it("REPLACE: another stands there; MERGE: the router counts less", async () => {
    const counted = () => stat("client", `^cluster\\.outbound\\|80\\|\\|${host}.*\\.upstream_rq_200$`);
    const before = await counted();
    await ask();
    expect(await counted()).toBeGreaterThan(before);
    await apply(
      "client",
      patch("HTTP_FILTER", "REPLACE", http("envoy.filters.http.fault"), marking("replaced")),
      patch("HTTP_FILTER", "MERGE", http(routerName), typed("http.router.v3.Router", { dynamic_stats: false })),
    );
    await waitFor("the filters", async () => marks(await ask()) === "replaced");
    const since = await counted();
    expect((await ask()).status).toBe(200);
    expect(await counted()).toBe(since);
  });

  it("ADD: at the end, when the last is removed", async () => {
    await apply(
      "client",
      patch("HTTP_FILTER", "REMOVE", http(routerName)),
      patch("HTTP_FILTER", "ADD", http(), marking("added")),
      patch("HTTP_FILTER", "ADD", http(), router),
    );
    await waitFor("the filters", async () => marks(await ask()) === "added");
  });
});

describe("EXTENSION_CONFIG", () => {
  const discovered = (more: object = {}): object =>
    patch("HTTP_FILTER", "INSERT_BEFORE", http(routerName), {
      name: "extension",
      config_discovery: {
        config_source: { ads: {}, initial_fetch_timeout: "0s" },
        type_urls: ["type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua"],
        ...more,
      },
    });

  it("ADD: what a filter discovers under its name, and its changes", async () => {
    const added = (mark: string): object =>
      patch("EXTENSION_CONFIG", "ADD", {}, { name: "extension", ...typed("http.lua.v3.Lua", lua(mark)) });
    await apply("client", discovered(), added("one"));
    await waitFor("the extension", async () => marks(await ask()) === "one");
    await apply("client", discovered(), added("two"));
    await waitFor("the newer extension", async () => marks(await ask()) === "two");
  });

  it("the filter's own default stands in for one that is not there", async () => {
    const { typed_config: default_config } = typed("http.lua.v3.Lua", lua("default")) as { typed_config: object };
    await apply("client", discovered({ default_config }));
    await waitFor("the default", async () => marks(await ask()) === "default");
  });

  it("without either the filter is left out, and told: nothing waits for it", async () => {
    await apply("client");
    await mesh().applyPolicy(patches("client", [discovered()]));
    const { out } = await mesh().heddle(["status"]);
    expect(out).toMatch(
      /client\.default: left out: EnvoyFilter default\/patches .*there is no EXTENSION_CONFIG "extension"/,
    );
    expect((await ask()).status).toBe(200);
  });
});

describe("ROUTE_CONFIGURATION, VIRTUAL_HOST and HTTP_ROUTE", () => {
  const mark = (key: string): object => ({ header: { key: "x-mark", value: key } });
  const ofHost = (route?: object): object => ({
    ...outbound,
    routeConfiguration: { vhost: { name: `${host}:80`, ...(route && { route }) } },
  });
  /** A route that answers by itself; its path is the word. */
  const saying = (word: string, prefix = `/${word}`): object => ({
    name: word,
    match: { prefix },
    direct_response: { status: 200, body: { inline_string: word } },
  });

  it("ROUTE_CONFIGURATION MERGE: a header for all of its hosts", async () => {
    await apply(
      "client",
      patch(
        "ROUTE_CONFIGURATION",
        "MERGE",
        { ...outbound, routeConfiguration: { name: "80" } },
        { response_headers_to_add: [mark("merged")] },
      ),
    );
    await waitFor("the header", async () => marks(await ask()) === "merged");
    expect(marks(await ask("/", { port: 81 }))).toBeUndefined();
  });

  it("VIRTUAL_HOST ADD: a host that is nobody's", async () => {
    const value = { name: "extra", domains: ["extra.example"], routes: [saying("extra", "/")] };
    await apply("client", patch("VIRTUAL_HOST", "ADD", { ...outbound, routeConfiguration: { name: "80" } }, value));
    await waitFor("the host", async () => (await ask("/", { host: "extra.example" })).text === "extra");
    expect((await ask()).body?.service).toBe("server");
  });

  it("VIRTUAL_HOST REPLACE: it does something else; REMOVE: it is nobody's", async () => {
    const value = { name: "other", domains: ["server"], routes: [saying("replaced", "/")] };
    await apply("client", patch("VIRTUAL_HOST", "REPLACE", ofHost(), value));
    await waitFor("the other host", async () => (await ask()).text === "replaced");
    await apply("client", patch("VIRTUAL_HOST", "REMOVE", ofHost()));
    const passed = () => stat("client", "^cluster\\.PassthroughCluster\\.upstream_cx_total$");
    const before = await passed();
    await waitFor("the end of the host", async () => (await ask()).status !== 200);
    expect(await passed()).toBeGreaterThan(before); // as any host that nobody knows
  });

  it("HTTP_ROUTE INSERT_FIRST, INSERT_BEFORE, INSERT_AFTER and ADD put one in, each in its place", async () => {
    await apply(
      "client",
      patch("HTTP_ROUTE", "INSERT_FIRST", ofHost(), saying("start", "/first/s")),
      patch("HTTP_ROUTE", "INSERT_BEFORE", ofHost({ name: "first" }), saying("before", "/first/b")),
      patch("HTTP_ROUTE", "INSERT_AFTER", ofHost({ name: "first" }), saying("after", "/first/a")),
      patch("HTTP_ROUTE", "INSERT_AFTER", ofHost({ name: "first" }), saying("behind", "/behind")),
      patch("HTTP_ROUTE", "ADD", ofHost(), saying("added")),
    );
    await waitFor("the routes", async () => (await ask("/first/s")).text === "start");
    expect((await ask("/first/b")).text).toBe("before");
    expect((await ask("/first/a")).body?.path).toBe("/first/a"); // the route before takes it
    expect((await ask("/behind")).text).toBe("behind");
    expect((await ask("/added")).body?.path).toBe("/added"); // so does the last, which takes all
  });

  it("HTTP_ROUTE REMOVE: the next takes what was its; ADD is reached", async () => {
    await apply(
      "client",
      patch("HTTP_ROUTE", "REMOVE", ofHost({ name: "rest" })),
      patch("HTTP_ROUTE", "ADD", ofHost(), saying("added", "/")),
    );
    await waitFor("the route", async () => (await ask("/any")).text === "added");
    expect((await ask("/first")).body?.service).toBe("server");
  });
});
