import { echoPod, echoService, meshForSuite, waitFor } from "./harness/index.ts";

const others = [echoPod({ name: "client" }), echoService({ name: "client" }), echoService({ name: "server" })].join("");
const mesh = meshForSuite({ yaml: others + echoPod({ name: "server", version: "v1" }) });

/** Endpoints follow pods in their own time. */
const answersCome = (version: string): Promise<unknown> =>
  waitFor(`answers of ${version}`, async () => {
    const { byVersion } = await mesh().request("client", "http://server/", { count: 5 });
    return byVersion[version] === 5;
  });

it("a pod that is changed starts anew under its old name; its neighbours go on", async () => {
  const [client, server] = ["client", "server"].map((pod) => mesh().workload(pod).sidecarPid());
  await mesh().writePolicy(
    "input.yaml",
    `# further down than before\n${others}${echoPod({ name: "server", version: "v2" })}`,
  );
  await mesh().updateWorkloads();
  expect(mesh().workload("client").sidecarPid()).toBe(client);
  expect(mesh().workload("server").sidecarPid()).not.toBe(server);
  await answersCome("v2");
});

it("a pod that is taken away ends; one that is new is called by its name", async () => {
  await mesh().writePolicy("input.yaml", others + echoPod({ name: "server-b", app: "server", version: "v3" }));
  await mesh().updateWorkloads();
  expect(mesh().pods).toEqual(["client.default", "server-b.default"]);
  await answersCome("v3");
});
