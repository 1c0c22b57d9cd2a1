import { echoPod, echoService, meshForSuite, type RequestOptions } from "./harness/index.ts";

/** Each rule answers with its own name; the first that matches wins. */
const rules: Readonly<Record<string, string>> = {
  "uri exact": `uri: { exact: /exact }`,
  "uri prefix": `uri: { prefix: /prefix }`,
  "uri regex": `uri: { regex: "/item/[0-9]+" }`,
  "uri exact, any case": `uri: { exact: /CaseExact }, ignoreUriCase: true`,
  "uri prefix, any case": `uri: { prefix: /CasePrefix }, ignoreUriCase: true`,
  method: `uri: { exact: /method }, method: { exact: DELETE }`,
  "method regex": `uri: { exact: /method }, method: { regex: "PUT|PATCH" }`,
  "header exact": `uri: { exact: /header }, headers: { x-kind: { exact: exact } }`,
  "header prefix": `uri: { exact: /header }, headers: { x-kind: { prefix: pre- } }`,
  "header regex": `uri: { exact: /header }, headers: { x-kind: { regex: "v[0-9]" } }`,
  "header present": `uri: { exact: /header }, headers: { x-there: {} }`,
  "two headers": `uri: { exact: /two }, headers: { x-a: { exact: "1" }, x-b: { exact: "2" } }`,
  "without header": `uri: { exact: /without }, withoutHeaders: { x-secret: {} }`,
  "without header value": `uri: { exact: /without-value }, withoutHeaders: { x-tier: { exact: gold } }`,
  "query exact": `uri: { exact: /query }, queryParams: { q: { exact: "one" } }`,
  "query prefix": `uri: { exact: /query }, queryParams: { q: { prefix: "pre" } }`,
  "query regex": `uri: { exact: /query }, queryParams: { q: { regex: "[0-9]+" } }`,
  authority: `uri: { exact: /authority }, authority: { exact: server.default }`,
  "authority prefix": `uri: { exact: /authority }, authority: { prefix: "server.default.svc" }`,
  "authority regex": `uri: { exact: /authority-regex }, authority: { regex: "server[.]def.*" }`,
  "method prefix": `uri: { exact: /method-prefix }, method: { prefix: P }`,
  scheme: `uri: { exact: /scheme }, scheme: { exact: http }`,
  "other scheme prefix": `uri: { exact: /scheme-prefix }, scheme: { prefix: https }`,
  "scheme prefix": `uri: { exact: /scheme-prefix }, scheme: { prefix: htt }`,
  "other scheme regex": `uri: { exact: /scheme-regex }, scheme: { regex: "https|wss" }`,
  "scheme regex": `uri: { exact: /scheme-regex }, scheme: { regex: "h.*p" }`,
  port: `uri: { exact: /port }, port: 8081`,
  sourceLabels: `uri: { exact: /source }, sourceLabels: { app: client, version: v1 }`,
  sourceNamespace: `uri: { exact: /source }, sourceNamespace: elsewhere`,
  "gateways, whoever asks": `uri: { exact: /gateways }, gateways: [mesh], sourceLabels: { app: nobody }, sourceNamespace: nowhere`,
  "another gateway": `uri: { exact: /another-gateway }, gateways: [default/edge]`,
};
const http = Object.entries(rules).map(
  ([name, match]) =>
    `    - { name: ${name.replaceAll(/\W+/g, "-")}, match: [{ ${match} }], directResponse: { status: 200, body: { string: "${name}" } } }`,
);

const mesh = meshForSuite({
  yaml: `${[
    echoPod({ name: "client" }),
    echoPod({ name: "client", namespace: "elsewhere", version: "v2" }),
    echoPod({ name: "server" }),
    echoService({ name: "server", ports: { http: [80, 8080], "http-more": [8081, 8080] } }),
  ].join("")}---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: server, namespace: default }
spec:
  hosts: [server]
  http:
${http.join("\n")}
    - { match: [{ uri: { exact: /counted }, statPrefix: checkout }], route: [{ destination: { host: server } }] }
    - { name: either, match: [{ uri: { exact: /left } }, { uri: { exact: /right } }], directResponse: { status: 200, body: { string: either } } }
    - { name: rest, directResponse: { status: 200, body: { string: rest } } }
    - { name: never, match: [{ uri: { exact: /after-the-rest } }], directResponse: { status: 500 } }
`,
});

const cases: [path: string, expected: string, options?: RequestOptions, port?: number][] = [
  ["/exact", "uri exact"],
  ["/exact?a=b", "uri exact"],
  ["/exact/", "rest"],
  ["/Exact", "rest"],
  ["/prefix", "uri prefix"],
  ["/prefixed/more", "uri prefix"], // raw prefix, not by path segments
  ["/item/42", "uri regex"],
  ["/item/42/more", "rest"], // the whole path must match
  ["/caseEXACT", "uri exact, any case"],
  ["/caseprefix/x", "uri prefix, any case"],
  ["/method", "method", { method: "DELETE" }],
  ["/method", "method regex", { method: "PATCH" }],
  ["/method", "rest"],
  ["/header", "header exact", { headers: { "X-Kind": "exact" } }],
  ["/header", "header prefix", { headers: { "x-kind": "pre-1" } }],
  ["/header", "header regex", { headers: { "x-kind": "v7" } }],
  ["/header", "rest", { headers: { "x-kind": "v77" } }],
  ["/header", "header present", { headers: { "x-there": "anything" } }],
  ["/header", "rest"],
  ["/two", "two headers", { headers: { "x-a": "1", "x-b": "2" } }],
  ["/two", "rest", { headers: { "x-a": "1" } }],
  ["/without", "without header"],
  ["/without", "rest", { headers: { "x-secret": "1" } }],
  ["/without-value", "without header value"],
  ["/without-value", "without header value", { headers: { "x-tier": "silver" } }],
  ["/without-value", "rest", { headers: { "x-tier": "gold" } }],
  ["/query?q=one", "query exact"],
  ["/query?x=1&q=prefix", "query prefix"],
  ["/query?q=123", "query regex"],
  ["/query?q=two", "rest"],
  ["/authority", "authority", { headers: { host: "server.default" } }],
  ["/authority", "authority prefix", { headers: { host: "server.default.svc.cluster.local" } }],
  ["/authority", "rest"],
  ["/authority-regex", "authority regex", { headers: { host: "server.default" } }],
  ["/authority-regex", "rest"],
  ["/method-prefix", "method prefix", { method: "PUT" }],
  ["/method-prefix", "rest"],
  ["/scheme", "scheme"],
  ["/scheme-prefix", "scheme prefix"],
  ["/scheme-regex", "scheme regex"],
  ["/port", "rest"],
  ["/port", "port", {}, 8081],
  ["/gateways", "gateways, whoever asks"],
  ["/another-gateway", "rest"],
  ["/right", "either"],
  ["/after-the-rest", "rest"],
];

it.each(cases)("%s: %s %j", async (path, expected, options = {}, port = 80) => {
  const { answers } = await mesh().request("client", `http://server:${port}${path}`, options);
  expect(answers[0]).toMatchObject({ status: 200, text: expected });
});

it("statPrefix: the proxy counts these requests by themselves", async () => {
  const counts = async () => Object.values(await mesh().envoyStats("client", "[.]route[.]checkout[.]upstream_rq_200$"));
  await mesh().request("client", "http://server/counted", { count: 3 });
  expect(await counts()).toEqual([3]);
});

it("who asks: by labels and by namespace", async () => {
  const near = await mesh().request("client", "http://server.default/source");
  const far = await mesh().request("client.elsewhere", "http://server.default/source");
  expect([near.answers[0]?.text, far.answers[0]?.text]).toEqual(["sourceLabels", "sourceNamespace"]);
});
