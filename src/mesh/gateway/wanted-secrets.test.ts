import { objectsOf } from "../testing.ts";
import { wantedSecrets } from "./wanted-secrets.ts";

const pod = (namespace: string, name: string, label: string, annotations = "{}"): string => `
---
apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: ${namespace}, labels: { istio: ${label} }, annotations: ${annotations} }
spec: { serviceAccountName: ${name}, containers: [{ name: app }] }
status: { podIP: 10.2.0.1, phase: Running }
`;
const gateway = (selector: string, ...tls: string[]): string => `
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: g, namespace: shop }
spec:
  selector: ${selector}
  servers:
${tls.map((it, i) => `    - { port: { number: 443, name: p${i}, protocol: HTTPS }, hosts: [h${i}.example.com], tls: ${it} }`).join("\n")}
`;
const pods =
  pod("edge", "a", "ingress") + pod("edge", "b", "ingress") + pod("west", "c", "ingress") + pod("shop", "d", "app");
const wanted = (yaml: string) => wantedSecrets(objectsOf(yaml));

it("are those that a Gateway names, in the namespaces of the pods it selects, and in no other", () => {
  const yaml = pods + gateway("{ istio: ingress }", "{ mode: SIMPLE, credentialName: cert }");
  expect(wanted(yaml)).toEqual(["edge/cert", "west/cert"]);
});

it("are the roots of clients too, under each name where they may stand", () => {
  const tls = [
    "{ mode: MUTUAL, credentialName: one }",
    "{ mode: MUTUAL, credentialName: two, caCertCredentialName: roots }",
    "{ mode: SIMPLE, credentialNames: [three, four] }",
  ];
  const yaml = pod("edge", "a", "ingress") + gateway("{ istio: ingress }", ...tls);
  const names = ["four", "one", "one-cacert", "roots", "three", "two"];
  expect(wanted(yaml)).toEqual(names.map((name) => `edge/${name}`));
});

it.each([
  [
    "of another namespace than the pods'",
    "{ istio: ingress }",
    "{ mode: SIMPLE, credentialName: kubernetes://shop/cert }",
  ],
  ["without a pod", "{ istio: nobody }", "{ mode: SIMPLE, credentialName: cert }"],
  ["in files", "{ istio: ingress }", "{ mode: SIMPLE, serverCertificate: /a, privateKey: /b }"],
  ["that nobody serves", "{ istio: ingress }", "{ mode: PASSTHROUGH }"],
  ["of every pod there is", "{}", "{ mode: SIMPLE, credentialName: cert }"],
])("are none %s", (_what, selector, tls) => {
  expect(wanted(pods + gateway(selector, tls))).toEqual([]);
});

it("are for declared gateways where a Gateway selects everything", () => {
  const declared = pod("edge", "e", "x", '{ inject.istio.io/templates: "gateway" }');
  expect(wanted(pods + declared + gateway("{}", "{ mode: SIMPLE, credentialName: cert }"))).toEqual(["edge/cert"]);
});

describe("of DestinationRules", () => {
  const rule = (namespace: string, more = ""): string => `
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: api, namespace: ${namespace} }
spec:
  host: api.example.com
  ${more}
  trafficPolicy: { tls: { mode: MUTUAL, credentialName: client } }
`;

  it("are looked for where the selected workloads are, which is the rule's namespace", () => {
    const selecting = "workloadSelector: { matchLabels: { istio: ingress } }";
    expect(wanted(pods + rule("edge", selecting))).toEqual(["edge/client", "edge/client-cacert"]);
    expect(wanted(pods + rule("shop", selecting))).toEqual([]);
  });

  it("are those of gateways that see it, where it selects nobody", () => {
    expect(wanted(pods + rule("shop"))).toEqual([]);
    const fronted = pods + gateway("{ istio: ingress }", "{ mode: SIMPLE, serverCertificate: /a, privateKey: /b }");
    expect(wanted(fronted + rule("shop"))).toEqual(
      ["edge", "west"].flatMap((namespace) => [`${namespace}/client`, `${namespace}/client-cacert`]),
    );
    expect(wanted(fronted + rule("shop", "exportTo: [west]"))).toEqual(["west/client", "west/client-cacert"]);
  });
});
