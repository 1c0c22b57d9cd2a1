import { setTimeout as pause } from "node:timers/promises";
import { clientPod, documents, echoService } from "./echo-services.ts";
import { bound, itSurvives } from "./harness/figures.ts";
import { expectNoRejections, startMesh, waitFor, type TestMesh } from "./harness/index.ts";

const url = "http://reviews:8080/";

const toVersion = (version: string) => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: default }
spec:
  hosts: [reviews]
  http: [{ route: [{ destination: { host: reviews, subset: ${version} } }] }]
`;

const subsets = `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: default }
spec:
  host: reviews
  subsets: [{ name: v1, labels: { version: v1 } }, { name: v2, labels: { version: v2 } }]
`;

let mesh: TestMesh;

beforeAll(async () => {
  const services = [clientPod("web"), echoService("reviews", ["v1", "v2"])];
  mesh = await startMesh({ yaml: documents(...services, subsets, toVersion("v1")) });
  await waitFor("the app to answer", async () => (await mesh.request("web", url)).ok === 1);
});

afterAll(async () => {
  try {
    await expectNoRejections(mesh);
  } finally {
    await mesh.close();
  }
});

async function connected(): Promise<number> {
  const { out } = await mesh.heddle(["status", "-o", "json"]);
  return (JSON.parse(out) as { proxies: readonly unknown[] }).proxies.length;
}

const downSeconds = bound({ short: 4, long: 600 });

itSurvives(
  "F01",
  `kill -9 under traffic, ${downSeconds} s down, and back`,
  async () => {
    const load = mesh.startLoad("web", url, { ratePerSecond: 100 });
    await pause(500);
    await mesh.kill9();
    await pause(downSeconds * 1000); // down, with requests going on
    await mesh.controlPlane.start();
    await waitFor("all sidecars to be connected again", async () => (await connected()) === 3);
    const { sent, failed, byVersion } = await load.stop();
    expect(sent).toBeGreaterThan(300);
    expect(Object.keys(byVersion)).toEqual(["v1"]);
    const figure = `${failed} of ${sent} requests failed`;
    return { requests: sent, failed, figure, limit: "0", pass: failed === 0 };
  },
  900_000,
);

it("policy that is applied after the return is live", async () => {
  expect(await mesh.applyPolicy(toVersion("v2"))).toContain("live in 3 of 3 Envoys");
  expect((await mesh.request("web", url, { count: 20, concurrency: 4 })).byVersion).toEqual({ v2: 20 });
});

it("policy that was edited while it was down is live after the return", async () => {
  await mesh.kill9();
  await mesh.writePolicy("input.yaml", documents(clientPod("web"), echoService("reviews", ["v1", "v2"]), subsets));
  expect((await mesh.request("web", url, { count: 20 })).byVersion).toEqual({ v2: 20 });
  await mesh.writePolicy("virtualservice-default-reviews.yaml", toVersion("v1"));
  await mesh.controlPlane.start();
  await waitFor("the edit to be live", async () => {
    const { byVersion } = await mesh.request("web", url, { count: 20, concurrency: 4 });
    return byVersion["v1"] === 20;
  });
});
