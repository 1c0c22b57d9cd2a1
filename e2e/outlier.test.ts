import {
  echoPod,
  echoService,
  meshForSuite,
  policy,
  waitFor,
  type RequestOptions,
  type Summary,
} from "./harness/index.ts";

/** Nothing listens there: connections are refused, which is an error of this side's own (local origin), not an answer. */
const nobody = { address: "10.244.0.1", port: 9609 };
let addresses = 20;

const refusing = (name: string, outlierDetection: object): string =>
  policy("ServiceEntry", name, {
    hosts: [`${name}.example`],
    addresses: [`192.0.2.${++addresses}`],
    location: "MESH_EXTERNAL",
    resolution: "STATIC",
    ports: [{ number: 80, name: "http", protocol: "HTTP" }],
    endpoints: [{ address: nobody.address, ports: { http: nobody.port } }],
  }) +
  policy("DestinationRule", name, { host: `${name}.example`, trafficPolicy: { outlierDetection } }) +
  policy("VirtualService", name, {
    hosts: [`${name}.example`],
    http: [{ retries: { attempts: 0 }, route: [{ destination: { host: `${name}.example` } }] }],
  });

const long = { interval: "100ms", baseEjectionTime: "300s", maxEjectionPercent: 100 };
const mixed = (name: string, outlierDetection: object): string =>
  echoService({ name, app: "mixed" }) +
  policy("DestinationRule", name, {
    host: name,
    trafficPolicy: { loadBalancer: { simple: "ROUND_ROBIN" }, outlierDetection: { ...long, ...outlierDetection } },
  });

const mesh = meshForSuite({
  yaml: [
    echoPod({ name: "client" }),
    echoPod({ name: "mixed-good", app: "mixed", version: "good" }),
    echoPod({ name: "mixed-bad", app: "mixed", version: "bad", env: { STATUS: 500 } }),
    refusing("together", { ...long, consecutive5xxErrors: 3 }),
    refusing("apart", {
      ...long,
      consecutive5xxErrors: 3,
      splitExternalLocalOriginErrors: true,
      consecutiveLocalOriginFailures: 50,
    }),
    refusing("apart-and-strict", {
      ...long,
      consecutive5xxErrors: 50,
      splitExternalLocalOriginErrors: true,
      consecutiveLocalOriginFailures: 2,
    }),
    mixed("without-panic", { consecutive5xxErrors: 2 }),
    mixed("in-panic", { consecutive5xxErrors: 2, minHealthPercent: 60 }),
  ].join(""),
});

const send = (host: string, options: RequestOptions = {}): Promise<Summary> =>
  mesh().request("client", `http://${host}/`, options);

describe("a server that refuses connections", () => {
  /** How many of 6 requests came to a refused connection before the host was left out. */
  async function tried(name: string): Promise<number> {
    const { answers, byStatus } = await send(`${name}.example`, { count: 6 });
    expect(byStatus).toEqual({ 503: 6 });
    return answers.filter(({ text }) => !text?.includes("no healthy upstream")).length;
  }

  it("counts as one that answers with errors", async () => {
    expect(await tried("together")).toBe(3);
  });

  it("counts for itself where errors are told apart", async () => {
    expect(await tried("apart")).toBe(6);
    expect(await tried("apart-and-strict")).toBe(2);
  });
});

describe("when one of two is left out", () => {
  const ejected = async (name: string): Promise<boolean> =>
    Object.values(
      await mesh().envoyStats("client", `^cluster\\..*\\|${name}\\..*outlier_detection.ejections_active$`),
    )[0] === 1;
  async function versionsAfterEjection(name: string): Promise<string[]> {
    await waitFor("the bad one to be left out", async () => {
      await send(name, { count: 10 });
      return ejected(name);
    });
    return Object.keys((await send(name, { count: 40 })).byVersion).sort();
  }

  it("the other gets everything", async () => {
    expect(await versionsAfterEjection("without-panic")).toEqual(["good"]);
  });

  it("both get requests again where minHealthPercent asks for more healthy ones than are left", async () => {
    expect(await versionsAfterEjection("in-panic")).toEqual(["bad", "good"]);
  });
});
