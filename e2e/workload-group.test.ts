import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { credentialsOf, openTestAuthority } from "./harness/credentials.ts";
import {
  echoPod,
  echoService,
  meshForSuite,
  policy,
  startVm,
  waitFor,
  type Summary,
  type Vm,
} from "./harness/index.ts";

const mesh = meshForSuite({
  yaml: [
    echoPod({ name: "client", labels: { "istio-locality": "here.one" } }),
    echoPod({ name: "stock" }),
    echoService({ name: "stock" }),
    policy("WorkloadGroup", "near", {
      metadata: {
        labels: { app: "billing", version: "near" },
        annotations: { "heddle.io/on-demand-clusters": "enabled" },
      },
      template: { serviceAccount: "billing", ports: { http: 8081 }, weight: 3, locality: "here/one" },
    }),
    policy("WorkloadGroup", "far", {
      template: {
        serviceAccount: "billing",
        labels: { app: "billing", version: "far" },
        weight: 1,
        locality: "there/one",
      },
    }),
    policy("WorkloadGroup", "payroll", { template: { serviceAccount: "payroll", labels: { app: "payroll" } } }),
    ...["billing", "nearest", "labelled", "payroll"].map((name, index) =>
      policy("ServiceEntry", name, {
        hosts: [`${name}.example`],
        addresses: [`192.0.2.${60 + index}`],
        location: "MESH_INTERNAL",
        resolution: "STATIC",
        ports: [{ number: 80, name: "http", protocol: "HTTP", targetPort: 8080 }],
        workloadSelector: { labels: { app: name === "payroll" ? name : "billing" } },
      }),
    ),
    policy("DestinationRule", "nearest", {
      host: "nearest.example",
      trafficPolicy: { outlierDetection: { consecutive5xxErrors: 0, interval: "300s" } },
    }),
    policy("DestinationRule", "labelled", {
      host: "labelled.example",
      subsets: ["near", "far"].map((version) => ({ name: version, labels: { version } })),
    }),
    policy("VirtualService", "labelled", {
      hosts: ["labelled.example"],
      http: [{ route: [{ destination: { host: "labelled.example", subset: "far" } }] }],
    }),
  ].join(""),
});

const echo = (version: string, port: string): Record<string, string> => ({
  PORT: port,
  VERSION: version,
  SERVICE: "vm",
});
const billing = { serviceAccount: "billing" };

let near: Vm;
let far: Vm;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "heddle-workload-group-"));
  near = await startVm(mesh(), "vm-near", "10.244.0.51");
  far = await startVm(mesh(), "vm-far", "10.244.0.52");
  await near.start("app", "echo.mjs", echo("near", "8081"));
  await far.start("app", "echo.mjs", echo("far", "8080"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const send = (name: string, count = 20): Promise<Summary> =>
  mesh().request("client", `http://${name}.example/`, { count, keep: count });
/** Whether the client's Envoy has an endpoint there. */
const isServed = async ({ address }: Vm): Promise<boolean> =>
  JSON.stringify(await mesh().configDump("client")).includes(`"${address}"`);
const untilServed = (vm: Vm, served = true): Promise<unknown> =>
  waitFor(`${vm.name} to be ${served ? "" : "not "}served`, async () => (await isServed(vm)) === served);

describe("VMs that join groups", () => {
  beforeAll(async () => {
    expect((await send("billing", 1)).byStatus).toEqual({ 503: 1 });
    await near.join({ group: "near", ...billing });
    await far.join({ group: "far", ...billing });
    await untilServed(near);
    await untilServed(far);
  });

  it("get requests, with the weight and on the port that the template says", async () => {
    const { byVersion, ok, answers } = await send("billing", 400);
    expect(ok).toBe(400);
    expect(Math.abs((byVersion["near"] ?? 0) - 300)).toBeLessThan(40);
    const ports = new Set(answers.map(({ body }) => `${body?.version} ${body?.port}`));
    expect([...ports].sort()).toEqual(["far 8080", "near 8081"]);
  });

  it("are called by mTLS, as who their credential says", async () => {
    const { answers } = await send("billing", 1);
    const caller = answers[0]?.body?.headers["x-forwarded-client-cert"];
    expect(caller).toContain("By=spiffe://cluster.local/ns/default/sa/billing");
    expect(caller).toContain("URI=spiffe://cluster.local/ns/default/sa/client");
  });

  it("are where the template says, and carry its labels and those of the group's metadata", async () => {
    expect((await send("nearest")).byVersion).toEqual({ near: 20 });
    expect((await send("labelled")).byVersion).toEqual({ far: 20 });
  });

  it("call others as who they are; what the group's annotations say is said of them", async () => {
    const knows = async (vm: string): Promise<boolean> =>
      (await mesh().heddle(["config", vm, "clusters"])).out.includes("|stock.default");
    expect(await knows("near-10.244.0.51.default")).toBe(false);
    expect(await knows("far-10.244.0.52.default")).toBe(true);
    for (const vm of [near, far]) {
      const { answers } = await vm.request("http://stock/");
      expect(answers[0]?.body?.headers["x-forwarded-client-cert"]).toContain("sa/billing");
    }
    expect(await knows("near-10.244.0.51.default")).toBe(true);
  });

  it("keep their entries over a restart of the control plane: no request fails", async () => {
    const load = mesh().startLoad("client", "http://billing.example/", { ratePerSecond: 50 });
    await mesh().kill9();
    await mesh().controlPlane.start();
    const joined = async (): Promise<number> =>
      (await mesh().heddle(["status"])).out.match(/^(?:near|far)-\S+ +synced/gm)?.length ?? 0;
    await waitFor("both to be back", async () => (await joined()) === 2);
    await mesh().applyPolicy(
      policy("ServiceEntry", "marker", { hosts: ["marker.example"], ports: [{ number: 80, name: "http" }] }),
    );
    expect([await isServed(near), await isServed(far)]).toEqual([true, true]);
    const { failed, ok } = await load.stop();
    expect({ failed }).toEqual({ failed: 0 });
    expect(ok).toBeGreaterThan(0);
  });

  it("have no entry any more when they leave: no request fails", async () => {
    const load = mesh().startLoad("client", "http://billing.example/", { ratePerSecond: 50 });
    await near.leave();
    expect(await isServed(near)).toBe(false);
    expect((await load.stop()).failed).toBe(0);
    expect((await send("billing")).byVersion).toEqual({ far: 20 });
  });

  it("that vanish without a word keep their entry for the grace period, then it goes", async () => {
    await far.kill9();
    expect(await isServed(far)).toBe(true);
    await untilServed(far, false);
    expect((await send("billing", 1)).byStatus).toEqual({ 503: 1 });
  });
});

describe("a VM with another identity", () => {
  it("is not let in, and is shown with the reason", async () => {
    await far.join({ group: "payroll", ...billing });
    const refused = await waitFor("the refusal to show", async () => {
      const { out } = await mesh().heddle(["status"]);
      return out.includes("member~10.244.0.52~payroll") && out;
    });
    expect(refused).toContain("the credential is not for the service account of WorkloadGroup payroll");
    expect(await isServed(far)).toBe(false);
    expect((await send("payroll", 1)).byStatus).toEqual({ 503: 1 });
    await far.leave();
  });
});

/** A group whose probe is this; the app goes on whatever the probe says, so that no request has a reason to fail. */
const probed = (probe: object): string =>
  policy("WorkloadGroup", "probed", { template: { serviceAccount: "billing", labels: { app: "billing" } }, probe });

const often = { periodSeconds: 1, timeoutSeconds: 1, initialDelaySeconds: 1, successThreshold: 2, failureThreshold: 2 };
const ready = (): string => join(folder, "ready");

describe("the probe of a group", () => {
  const probes = {
    http: {
      ...often,
      httpGet: {
        host: "127.0.0.1",
        port: 8443,
        path: "/healthz?deep=1",
        scheme: "HTTPS",
        httpHeaders: [{ name: "x-status", value: "202" }], // without it the app's answer is 503
      },
    },
    tcp: { ...often, tcpSocket: { host: "127.0.0.1", port: 8090 } },
    exec: () => ({ ...often, exec: { command: ["/usr/bin/test", "-e", ready()] } }),
    grpc: { ...often, grpc: { port: 9000, service: "shop.Billing" } },
  };
  const start = {
    http: async (vm: Vm) => {
      const authority = await openTestAuthority(join(folder, "ca"));
      const { certificate, privateKey } = await credentialsOf(authority, "billing");
      const tls = { TLS_PORT: "8443", TLS_CERT: certificate, TLS_KEY: privateKey };
      await vm.start("health", "echo.mjs", { ...echo("health", "8082"), ...tls, STATUS: "503" });
    },
    tcp: (vm: Vm) => vm.start("health", "echo.mjs", { ...echo("health", "8082"), TCP_PORT: "8090" }),
    exec: () => writeFile(ready(), ""),
    grpc: (vm: Vm) => vm.start("health", "grpc-health.mjs", { PORT: "9000", SERVICE: "shop.Billing" }),
  };
  const stop = (vm: Vm, kind: keyof typeof probes): Promise<void> =>
    kind === "exec" ? rm(ready()) : vm.stop("health");
  const probeOf = (kind: keyof typeof probes): object => {
    const probe = probes[kind];
    return typeof probe === "function" ? probe() : probe;
  };

  beforeAll(async () => {
    await mesh().applyPolicy(probed(probeOf("http")));
    await near.stop("app");
    await near.start("app", "echo.mjs", echo("near", "8080"));
    await near.join({ group: "probed", ...billing, flags: ["--allow-exec-probe"] });
    await waitFor("the VM to join", async () => (await mesh().heddle(["status"])).out.includes("probed-10.244.0.51"));
  });

  it.each(["http", "tcp", "exec", "grpc"] as const)(
    "%s: an app that is not well gets no request, and gets them again when it is; another probe needs no restart",
    async (kind) => {
      await mesh().applyPolicy(probed(probeOf(kind)));
      await untilServed(near, false);
      expect((await send("billing", 1)).byStatus).toEqual({ 503: 1 });
      await start[kind](near);
      await untilServed(near);
      expect((await send("billing")).byVersion).toEqual({ near: 20 });
      await stop(near, kind);
      await untilServed(near, false);
      expect((await send("billing", 1)).byStatus).toEqual({ 503: 1 });
    },
  );

  it("drops one of two whose app dies: requests fail until it is found out, none after that; it comes back", async () => {
    await mesh().applyPolicy(probed({ ...often, tcpSocket: { port: 8080 } }));
    await far.join({ group: "probed", ...billing });
    await untilServed(near);
    await untilServed(far);
    await near.stop("app");
    await untilServed(near, false);
    expect(await send("billing", 200)).toMatchObject({ failed: 0, byVersion: { far: 200 } });
    const load = mesh().startLoad("client", "http://billing.example/", { ratePerSecond: 50 });
    await near.start("app", "echo.mjs", echo("near", "8080"));
    await untilServed(near);
    await waitFor("both to answer", async () => Object.keys((await send("billing")).byVersion).length === 2);
    expect((await load.stop()).failed).toBe(0);
  });

  it("a sidecar ends with its Envoy, and says good-bye for it", async () => {
    expect(await far.killEnvoy()).toBe("status 1");
    await untilServed(far, false);
    expect((await mesh().heddle(["status"])).out).not.toContain("probed-10.244.0.52");
    await far.join({ group: "probed", ...billing });
    await untilServed(far);
  });

  it("runs a command only where that is allowed", async () => {
    await start.exec();
    expect(existsSync(ready())).toBe(true);
    await mesh().applyPolicy(probed(probeOf("exec")));
    await untilServed(far, false); // it was not started with --allow-exec-probe
    expect((await mesh().heddle(["status"])).out).toContain(
      "probed-10.244.0.52.default: it gets no requests: the group's probe is a command: heddle proxy runs it with --allow-exec-probe",
    );
    expect((await send("billing")).byVersion).toEqual({ near: 20 });
  });
});
