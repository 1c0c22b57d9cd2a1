import { echoPod, echoService, meshForSuite, type Summary } from "./harness/index.ts";

const mesh = meshForSuite({
  yaml: [
    echoPod({ name: "client" }),
    echoPod({ name: "server" }),
    echoService({ name: "server" }),
    echoPod({ name: "server", namespace: "other", version: "other" }),
    echoService({ name: "server", namespace: "other" }),
  ].join(""),
});

const virtualService = (name: string, namespace: string, spec: string): string =>
  `---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: { name: ${name}, namespace: ${namespace} }\nspec: ${spec}\n`;
const refusing = `http: [{ directResponse: { status: 418 } }]`;
const send = (url: string): Promise<Summary> => mesh().request("client", url);

it("a short name is the caller's own namespace's, a longer one says which", async () => {
  await mesh().replacePolicy();
  expect((await send("http://server/")).byVersion).toEqual({ v1: 1 });
  expect((await send("http://server.other/")).byVersion).toEqual({ other: 1 });
});

it("exportTo: a rule counts for the namespaces that it names", async () => {
  const of = (exportTo: string): string =>
    virtualService("refuse", "other", `{ hosts: [server], exportTo: ["${exportTo}"], ${refusing} }`);
  await mesh().replacePolicy(of("."));
  expect((await send("http://server.other/")).byStatus).toEqual({ 200: 1 });
  await mesh().replacePolicy(of("default"));
  expect((await send("http://server.other/")).byStatus).toEqual({ 418: 1 });
  expect((await send("http://server/")).byStatus).toEqual({ 200: 1 });
});

it("delegate: a team's own rules for its part of a host", async () => {
  const main = `{ hosts: [server], http: [{ match: [{ uri: { prefix: /team } }], delegate: { name: team, namespace: other } }, { route: [{ destination: { host: server } }] }] }`;
  await mesh().replacePolicy(
    virtualService("main", "default", main) + virtualService("team", "other", `{ ${refusing} }`),
  );
  expect((await send("http://server/team/x")).byStatus).toEqual({ 418: 1 });
  expect((await send("http://server/x")).byStatus).toEqual({ 200: 1 });
});
