import { readFile } from "node:fs/promises";
import { parseAllDocuments } from "yaml";
import { echoPod, echoService, meshConfig, meshForSuite, policy } from "./harness/index.ts";

/** Said of all proxies, of those of a namespace, by a pod of its own, and of a workload: what is said of fewer goes before, but the last goes before the pod. */
const said = [
  meshConfig({
    defaultConfig: {
      concurrency: 4,
      image: { imageType: "contrib" },
      drainDuration: "30s",
      runtimeValues: { "of.the.mesh": "17", "of.both": "mesh" },
      proxyMetadata: { ISTIO_META_DNS_CAPTURE: "true", GODEBUG: "of-the-mesh", OF_MESH: "here" },
    },
  }),
  policy("ProxyConfig", "all", { concurrency: 3, environmentVariables: { GODEBUG: "of-all" } }, "istio-system"),
  policy("ProxyConfig", "chosen", {
    selector: { matchLabels: { app: "chosen" } },
    concurrency: 2,
    environmentVariables: { GODEBUG: "of-chosen" },
    image: { imageType: "debug" },
  }),
].join("");
const annotations = {
  "proxy.istio.io/config": "{ concurrency: 1, proxyMetadata: { OF_POD: here }, runtimeValues: { of.both: pod } }",
};
const pods = [
  echoPod({ name: "plain" }),
  echoPod({ name: "own", annotations }),
  echoPod({ name: "chosen", annotations }),
];

const mesh = meshForSuite({
  yaml: [...pods, echoPod({ name: "server" }), echoService({ name: "server" }), said].join(""),
});

interface Run {
  readonly threads: number;
  readonly drain: string;
  readonly variables: readonly string[];
}

async function runOf(pod: string): Promise<Run> {
  const workload = mesh().workload(pod);
  const { body } = await workload.admin("/server_info");
  const { command_line_options: options } = JSON.parse(body) as {
    command_line_options: { concurrency: number; drain_time: string };
  };
  const variables = (await readFile(`/proc/${workload.sidecarPid()}/environ`, "utf8")).split("\0").filter(Boolean);
  return { threads: options.concurrency, drain: options.drain_time, variables: variables.sort() };
}

const usual = ["ISTIO_META_DNS_CAPTURE=true", "OF_MESH=here"];

it("proxies are run as is said of them, and serve requests", async () => {
  expect(await runOf("plain")).toEqual({ threads: 3, drain: "30s", variables: ["GODEBUG=of-all", ...usual] });
  expect(await runOf("own")).toEqual({
    threads: 1,
    drain: "30s",
    variables: ["GODEBUG=of-all", ...usual, "OF_POD=here"],
  });
  const chosen = ["GODEBUG=of-chosen", ...usual, "OF_POD=here"];
  expect(await runOf("chosen")).toEqual({ threads: 2, drain: "30s", variables: chosen });
  for (const client of ["plain", "own", "chosen"])
    expect((await mesh().request(client, "http://server/")).byStatus).toEqual({ "200": 1 });
});

it("runtimeValues are Envoy's runtime", async () => {
  const runtimeOf = async (pod: string) => {
    const { entries } = JSON.parse(await mesh().admin(pod, "/runtime")) as {
      entries: Record<string, { final_value: string }>;
    };
    return [entries["of.the.mesh"]?.final_value, entries["of.both"]?.final_value];
  };
  expect(await runtimeOf("plain")).toEqual(["17", "mesh"]);
  expect(await runtimeOf("own")).toEqual(["17", "pod"]);
});

it("MeshConfig's defaultConfig makes the proxies answer their workloads' DNS", async () => {
  const script = `require("node:dns").promises.resolve4("server.default.svc.cluster.local").then((all) => console.log(all.length))`;
  expect((await mesh().exec("plain", ["node", "-e", script])).trim()).toBe("1"); // the namespace has no other server
});

it.each([
  ["plain", "contrib"],
  ["chosen", "debug"],
])("the injected pod of %s has the image that is said of it: %s", async (pod, type) => {
  const { status, out } = await mesh().heddle(["inject", "-f", "-"], [...pods, said].join(""));
  expect(status).toBe(0);
  const injected = parseAllDocuments(out).map((document) => document.toJS() as InjectedPod);
  const { spec } = injected.find(({ metadata }) => metadata.name === pod) ?? {};
  const proxy = spec?.initContainers?.find(({ name }) => name === "istio-proxy");
  expect(proxy?.image).toBe(`envoyproxy/envoy:${type}-v1.40.0`);
});

interface InjectedPod {
  readonly metadata: { readonly name: string };
  readonly spec?: { readonly initContainers?: readonly { readonly name: string; readonly image?: string }[] };
}
