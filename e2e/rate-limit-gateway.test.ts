import { echoPod, gatewayPod, meshForSuite, policy, waitFor, type RequestOptions } from "./harness/index.ts";

/** A gateway as the Kubernetes Gateway API names those that serve a Gateway: https://gateway-api.sigs.k8s.io/geps/gep-1762/ */
const edge = (name: string): string =>
  gatewayPod({ name, namespace: "edge", labels: { "gateway.networking.k8s.io/gateway-name": name } });

const mesh = meshForSuite({
  yaml: [echoPod({ name: "a" }), edge("front"), edge("back"), echoPod({ name: "beside", namespace: "edge" })].join(""),
});

const routes =
  policy(
    "Gateway",
    "edge",
    {
      selector: { istio: "ingressgateway" },
      servers: [{ port: { number: 8080, name: "http", protocol: "HTTP" }, hosts: ["*"] }],
    },
    "edge",
  ) +
  policy(
    "VirtualService",
    "edge",
    {
      hosts: ["*"],
      gateways: ["edge"],
      http: [
        { name: "login", match: [{ uri: { prefix: "/login" } }], directResponse: { status: 200 } },
        { directResponse: { status: 202 } },
      ],
    },
    "edge",
  );

const limit = { requests: 3, interval: "1h" };
const limited = (spec: object): string => policy("RateLimit", "front", spec, "edge");

const urlOf = (pod: string, path: string): string => `http://${mesh().addressOf(`${pod}.edge`)}:8080/${path}`;
const askFromOutside = async (pod: string, path: string, options: RequestOptions = {}) =>
  (await mesh().requestFromOutside(urlOf(pod, path), { keepAlive: false, ...options })).byStatus;

/** With nothing but routes before it, so that no request is counted while the gateways begin to serve. */
async function serve(limits: string): Promise<void> {
  await mesh().replacePolicy(routes);
  for (const pod of ["front", "back"])
    await waitFor(`gateway ${pod}`, async () => (await askFromOutside(pod, "other"))["202"] === 1);
  await mesh().applyPolicy(limits);
}

it("is for a rule of a VirtualService by its name, by the address of each client", async () => {
  const rules = [{ match: { route: "login" }, per: "SOURCE_IP", limit }];
  await serve(limited({ selector: { matchLabels: { istio: "ingressgateway" } }, rules }));
  const options = { count: 5, headers: { "x-forwarded-for": "10.9.8.{n}" } };
  expect(await askFromOutside("front", "login", options)).toEqual({ "200": 3, "429": 2 });
  const { byStatus } = await mesh().request("a", urlOf("front", "login"), options);
  expect(byStatus).toEqual({ "200": 3, "429": 2 });
  expect(await askFromOutside("front", "other", options)).toEqual({ "202": 5 });
});

it("is for the Gateway that targetRefs names, and for no other workload of its namespace", async () => {
  const targetRefs = [{ group: "gateway.networking.k8s.io", kind: "Gateway", name: "front" }];
  await serve(limited({ targetRefs, rules: [{ limit }] }));
  expect(await askFromOutside("front", "other", { count: 5 })).toEqual({ "202": 3, "429": 2 });
  expect(await askFromOutside("back", "other", { count: 5 })).toEqual({ "202": 5 });
  expect(await askFromOutside("beside", "", { count: 5 })).toEqual({ "200": 5 });
  await mesh().applyPolicy(limited({ targetRefs: [{ ...targetRefs[0], name: "back" }], rules: [{ limit }] }));
  expect(await askFromOutside("front", "other", { count: 5 })).toEqual({ "202": 5 });
  expect(await askFromOutside("back", "other", { count: 5 })).toEqual({ "202": 3, "429": 2 });
});
