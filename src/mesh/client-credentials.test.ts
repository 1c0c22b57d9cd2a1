import { readFileSync } from "node:fs";
import { join } from "node:path";
import { meshOf, sidecar } from "./testing.ts";
import type { Proxy } from "./types.ts";
import { viewFor } from "./view.ts";

const golden = (name: string): string => {
  const text = readFileSync(join(__dirname, "../envoy/testdata/tls-origination", name, "in.yaml"), "utf8");
  return text.slice(text.indexOf("---"));
};
const selecting = golden("credential");
const client = { labels: { app: "client" }, serviceAccount: "client" };
const namesFor = (text: string, proxy: Partial<Proxy>): string[] =>
  viewFor(meshOf(text), sidecar(proxy)).credentials.map(({ name, part }) => `${part} ${name}`);

it("are those of the selected workload's own namespace, by names without it", () => {
  expect(namesFor(selecting, client)).toEqual(["keyPair kubernetes://bank", "roots kubernetes://bank-cacert"]);
});

it.each<[string, Partial<Proxy>]>([
  ["another workload of the namespace", { ...client, name: "other", labels: { app: "other" } }],
  ["one that only claims the labels", { ...client, name: "ghost" }],
  ["one that claims more labels than the workload has", { ...client, labels: { app: "client", role: "admin" } }],
  ["one that runs as another account", { ...client, serviceAccount: "other" }],
  ["one of another namespace", { ...client, namespace: "other" }],
])("are not for %s", (_who, proxy) => {
  expect(namesFor(selecting, proxy)).toEqual([]);
});

it.each([
  ["of another namespace", selecting.replace("credentialName: bank,", "credentialName: other/bank,")],
  ["that is not there", selecting.replaceAll("name: bank, namespace", "name: bonk, namespace")],
])("leave out a Secret %s", (_which, text) => {
  expect(namesFor(text, client).filter((name) => name.startsWith("keyPair"))).toEqual([]);
});

it("of a rule for all are for gateways alone", () => {
  expect(namesFor(golden("credential-of-all"), client)).toEqual([]);
  const egress = { type: "router", name: "egress", namespace: "edge", serviceAccount: "egress" } as const;
  expect(namesFor(golden("credential-of-gateway"), { ...egress, labels: { app: "egress" } })).toHaveLength(2);
});

it("ask for no certificate with SIMPLE, and for no roots where nothing is verified", () => {
  const simple = selecting.replace(/mode: MUTUAL, credentialName: bank.*/, "mode: SIMPLE, credentialName: bank }");
  expect(namesFor(simple, client)).toEqual(["roots kubernetes://bank-cacert"]);
  const unchecked = selecting
    .replace(/portLevelSettings:[^]*/, "")
    .replace(/sni: api.example.com, subjectAltNames: .*/, "insecureSkipVerify: true }");
  expect(namesFor(unchecked, client)).toEqual(["keyPair kubernetes://bank"]);
});
