import { readFile } from "node:fs/promises";
import { echoPod, echoService, meshForSuite } from "./harness/index.ts";

const config = (name: string, namespace: string, spec: string): string => `---
apiVersion: networking.istio.io/v1beta1
kind: ProxyConfig
metadata: { name: ${name}, namespace: ${namespace} }
spec: ${spec}
`;

const mesh = meshForSuite({
  yaml: [
    echoPod({ name: "plain" }),
    echoPod({ name: "chosen" }),
    echoPod({ name: "server" }),
    echoService({ name: "server" }),
    config("of-all", "istio-system", "{ concurrency: 3, environmentVariables: { GODEBUG: of-all, OF_ALL: here } }"),
    config(
      "of-chosen",
      "default",
      "{ selector: { matchLabels: { app: chosen } }, concurrency: 2, environmentVariables: { GODEBUG: chosen } }",
    ),
  ].join(""),
});

interface Run {
  readonly threads: number;
  readonly variables: readonly string[];
}

async function runOf(pod: string): Promise<Run> {
  const workload = mesh().workload(pod);
  const { body } = await workload.admin("/server_info");
  const { command_line_options: options } = JSON.parse(body) as { command_line_options: { concurrency: number } };
  const variables = (await readFile(`/proc/${workload.sidecarPid()}/environ`, "utf8")).split("\0").filter(Boolean);
  return { threads: options.concurrency, variables: variables.sort() };
}

it("a ProxyConfig sets threads and variables of the proxies it selects, and serves requests with them", async () => {
  expect(await runOf("plain")).toEqual({ threads: 3, variables: ["GODEBUG=of-all", "OF_ALL=here"] });
  expect(await runOf("chosen")).toEqual({ threads: 2, variables: ["GODEBUG=chosen", "OF_ALL=here"] });
  for (const client of ["plain", "chosen"])
    expect((await mesh().request(client, "http://server/")).byStatus).toEqual({ "200": 1 });
});
