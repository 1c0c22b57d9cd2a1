import { echoPod, echoService, meshConfig, meshForSuite, policy } from "./harness/index.ts";

const at = (locality: string) => ({ "istio-locality": locality });
const server = (version: string, locality: string): string =>
  echoPod({ name: `server-${version}`, app: "server", version, labels: at(locality) });

const mesh = meshForSuite({
  yaml: [
    echoPod({ name: "client", labels: at("here.one"), node: "n1" }),
    server("near", "here.one"),
    server("middle", "here.two"),
    server("far", "there.one"),
    ...["n1", "n2"].map((node) =>
      echoPod({ name: `twin-${node}`, app: "twin", version: node, labels: at("here.one"), node }),
    ),
    echoService({ name: "server" }),
  ].join(""),
});

const rule = (trafficPolicy: object): string => policy("DestinationRule", "server", { host: "server", trafficPolicy });

const count = 400;
async function shares(host = "server"): Promise<Readonly<Record<string, number>>> {
  const { byVersion, ok } = await mesh().request("client", `http://${host}/`, { count });
  expect(ok).toBe(count);
  return byVersion;
}

it("plays no part where nothing is asked for: everybody gets some", async () => {
  await mesh().replacePolicy();
  expect(Object.keys(await shares()).sort()).toEqual(["far", "middle", "near"]);
});

it("distribute: by the shares that are written, within 10 %", async () => {
  const localityLbSetting = {
    enabled: true,
    distribute: [{ from: "here/one/*", to: { "here/one/*": 75, "there/*": 25 } }],
  };
  await mesh().replacePolicy(rule({ loadBalancer: { localityLbSetting } }));
  const { near = 0, middle = 0, far = 0 } = await shares();
  expect(middle).toBe(0);
  expect(Math.abs(near - 300)).toBeLessThan(40);
  expect(near + far).toBe(count);
});

it("failover: the nearest, and the next nearest when it fails", async () => {
  await mesh().replacePolicy(
    rule({
      outlierDetection: { consecutive5xxErrors: 3, interval: "1s", baseEjectionTime: "60s", maxEjectionPercent: 100 },
    }),
  );
  expect(await shares()).toEqual({ near: count });
  await mesh().request("client", "http://server/", { count: 3, headers: { "x-status": "500" } });
  expect(await shares()).toEqual({ middle: count });
});

it("the mesh's own setting is for every service", async () => {
  const distribute = [{ from: "here/*", to: { "there/*": 100 } }];
  await mesh().replacePolicy(meshConfig({ localityLbSetting: { distribute } }));
  expect(await shares()).toEqual({ far: count });
});

it("trafficDistribution: the client's zone, or its node, and all of them alike; no outlier detection is needed", async () => {
  const service = (name: string, app: string, clusterIP: string, more: { spec?: object; annotations?: object }) =>
    JSON.stringify({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name, namespace: "default", annotations: more.annotations },
      spec: { clusterIP, selector: { app }, ports: [{ name: "http", port: 80, targetPort: 8080 }], ...more.spec },
    });
  const annotations = { "networking.istio.io/traffic-distribution": "preferSameNode" };
  const services = [
    service("any", "server", "192.0.2.40", {}),
    service("close", "server", "192.0.2.41", { spec: { trafficDistribution: "PreferClose" } }),
    service("zone", "twin", "192.0.2.42", { spec: { trafficDistribution: "PreferSameZone" } }),
    service("node", "twin", "192.0.2.43", { spec: { trafficDistribution: "PreferSameNode" } }),
    service("annotated", "twin", "192.0.2.44", { annotations }),
  ];
  await mesh().replacePolicy(services.map((text) => `---\n${text}\n`).join(""));
  expect(Object.keys(await shares("192.0.2.40")).sort()).toEqual(["far", "middle", "near"]);
  expect(await shares("192.0.2.41")).toEqual({ near: count });
  expect(Object.keys(await shares("192.0.2.42")).sort()).toEqual(["n1", "n2"]);
  expect(await shares("192.0.2.43")).toEqual({ n1: count });
  expect(await shares("192.0.2.44")).toEqual({ n1: count });
});
