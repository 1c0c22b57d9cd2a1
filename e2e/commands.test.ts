import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { X509Certificate } from "node:crypto";
import { attempt, run, startProcess } from "../src/app/up/index.ts";
import { clientPod, documents, echoService } from "./echo-services.ts";
import { projectRoot, startMesh, waitFor, type TestMesh } from "./harness/index.ts";

const heddle = join(projectRoot(), "bin/heddle");

const virtualService = (host: string) => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: default }
spec:
  hosts: [reviews]
  http:
    - route: [{ destination: { ${host}: reviews } }]
`;

const workloadEntry = `apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: { name: vm-1, namespace: default }
spec: { address: 10.9.0.1, labels: { app: vm }, serviceAccount: vm }
`;

const commands = ["up", "serve", "proxy", "iptables", "check", "render", "apply", "status", "config", "token", "ca"];

let folder: string;
let good: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "heddle-cli-"));
  const write = async (name: string, text: string) => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
  const services = [clientPod("web"), echoService("reviews"), workloadEntry];
  good = await write("good.yaml", documents(...services, virtualService("host")));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const call = (...args: string[]) => attempt([heddle, ...args]);

/** A message for people: no stack, no internals. */
function expectMessage(text: string): void {
  expect(text).not.toBe("");
  expect(text).not.toMatch(/\n\s+at |node:internal|\.ts:\d+|\[object Object\]|undefined/);
}

describe("without a server", () => {
  it("shows its commands, and each of them its flags", async () => {
    const { status, out } = await call("--help");
    expect(status).toBe(0);
    const listed = out.split("\n").map((line) => line.trim().split(" ")[0]);
    expect(listed).toEqual(expect.arrayContaining(commands));
    const helps = await Promise.all(commands.map((command) => call(command, "--help")));
    expect(helps.map(({ status, out }) => [status, out.split("\n")[0]?.split(" ").slice(0, 3).join(" ")])).toEqual(
      commands.map((command) => [0, `Usage: heddle ${command}`]),
    );
  });

  it.each([
    [["nonsense"], /unknown command/],
    [["check"], /--files/],
    [["serve", "-f", "/tmp", "--xds-port", "70000"], /a port is a number/],
    [["check", "-f", "/nowhere/at/all"], /\/nowhere\/at\/all/],
    [["render", "-f", "/nowhere/at/all", "--proxy", "a.b"], /\/nowhere\/at\/all/],
    [["apply", "-f", "/nowhere/at/all"], /cannot be read/],
    [["status", "--state-dir", "/nowhere"], /heddle serve/],
    [["token", "create", "-n", "a", "-s", "b", "--state-dir", "/nowhere"], /heddle serve/],
    [["ca", "--state-dir", "/nowhere"], /heddle serve/],
  ])("%j is answered with status 2 and a sentence", async (args, message) => {
    const { status, out, err } = await call(...args);
    expect({ status, out }).toEqual({ status: 2, out: "" });
    expect(err).toMatch(message);
    expectMessage(err);
  });

  it("render shows proto JSON with @type, of a Pod, a WorkloadEntry and a file", async () => {
    const file = join(folder, "proxy.json");
    await writeFile(
      file,
      JSON.stringify({
        type: "sidecar",
        name: "x",
        namespace: "default",
        ip: "10.1.1.1",
        labels: {},
        serviceAccount: "x",
        metadata: {},
      }),
    );
    for (const which of [
      ["--proxy", "web.default"],
      ["--proxy", "vm-1.default"],
      ["--proxy-file", file],
    ]) {
      const { status, out } = await call("render", "-f", good, ...which, "-o", "json");
      expect(status).toBe(0);
      const types = (JSON.parse(out) as readonly { "@type": string }[]).map((resource) =>
        resource["@type"].split(".").at(-1),
      );
      expect([...new Set(types)]).toEqual(expect.arrayContaining(["Cluster", "Listener", "RouteConfiguration"]));
    }
  });

  it("render names the proxies there are, for one that there is not", async () => {
    const { status, err } = await call("render", "-f", good, "--proxy", "webb.default");
    expect(status).toBe(1);
    expect(err).toContain("web.default");
    expectMessage(err);
  });

  it("iptables print writes nothing but rules, and refuses what is none", async () => {
    const { status, out } = await call("iptables", "print", "-o", "22");
    expect(status).toBe(0);
    expect(out).toMatch(/^\*nat$/m);
    expect(out).toMatch(/--dport 22 .*RETURN/);
    const wrong = await call("iptables", "print", "-x", "10.0.0.0/99");
    expect(wrong.status).toBe(1);
    expectMessage(wrong.err);
  });

  it("iptables apply is the same twice, and clean leaves nothing", async () => {
    const netns = `hdlcli${process.pid}`;
    await run(["ip", "netns", "add", netns]);
    try {
      const rules = async () =>
        (await run(["ip", "netns", "exec", netns, "iptables-save"]))
          .replace(/^#.*\n/gm, "")
          .replace(/\[\d+:\d+\]/g, "");
      const apply = () => call("iptables", "apply", "--netns", netns);
      expect(await apply()).toMatchObject({ status: 0 });
      const once = await rules();
      expect(once).toContain("15001");
      expect(await apply()).toMatchObject({ status: 0 });
      expect(await rules()).toBe(once);
      expect(await call("iptables", "clean", "--netns", netns)).toMatchObject({ status: 0 });
      expect(await rules()).not.toMatch(/^-A|15001/m);
      expect(await call("iptables", "clean", "--netns", netns)).toMatchObject({ status: 0 });
    } finally {
      await run(["ip", "netns", "delete", netns]);
    }
  });
});

describe("with a server", () => {
  let mesh: TestMesh;

  beforeAll(async () => {
    mesh = await startMesh({ yaml: documents(clientPod("web"), echoService("reviews"), workloadEntry) });
  });

  afterAll(() => mesh.close());

  it("status: a line for each proxy, and the same for programs", async () => {
    const { status, out } = await mesh.heddle(["status"]);
    expect(status).toBe(0);
    expect(out).toMatch(/^web\.default +synced .*spiffe:\/\/cluster\.local\/ns\/default\/sa\/web$/m);
    const { proxies, problems } = JSON.parse((await mesh.heddle(["status", "-o", "json"])).out) as {
      proxies: { name: string }[];
      problems: object[];
    };
    expect(proxies.map(({ name }) => name).sort()).toEqual(["reviews-v1.default", "web.default"]);
    expect(problems).toEqual([]);
  });

  it("config shows what a proxy is served, by type", async () => {
    const examples = [
      ["listeners", "virtualOutbound"],
      ["clusters", "outbound|8080||reviews.default.svc.cluster.local"],
      ["routes", "8080/reviews.default.svc.cluster.local"],
      ["endpoints", "outbound|8080||reviews.default.svc.cluster.local"],
      ["secrets", "ROOTCA"],
    ] as const;
    const shown = await Promise.all(
      examples.map(async ([type]) => {
        const { status, out } = await mesh.heddle(["config", "web.default", type, "-o", "json"]);
        expect(status).toBe(0);
        return JSON.parse(out) as readonly { readonly type: string; readonly name: string }[];
      }),
    );
    examples.forEach(([type, name], index) => {
      expect(shown[index]?.map((resource) => resource.name)).toContain(name);
      expect(new Set(shown[index]?.map((resource) => resource.type))).toEqual(new Set([type]));
    });
    const { out } = await mesh.heddle(["config", "web.default"]);
    for (const [, name] of examples) expect(out).toContain(name);
  });

  it("config of nobody is a sentence", async () => {
    const { status, err } = await mesh.heddle(["config", "nobody.default"]);
    expect(status).toBe(2);
    expectMessage(err);
  });

  it("apply writes and says the revision; what has errors is not written, and told with its line", async () => {
    const well = await mesh.heddle(["apply", "-f", "-"], virtualService("host"));
    expect(well).toMatchObject({ status: 0, out: expect.stringMatching(/^written, revision \d+$/m) as string });
    const ill = await mesh.heddle(["apply", "-f", "-", "--wait"], virtualService("hots"));
    expect(ill.status).toBe(1);
    expect(ill.out).toMatch(/:7:\d+.*hots[^]*nothing was written/);
    expect(await readFile(join(mesh.policyDirectory, "virtualservice-default-reviews.yaml"), "utf8")).toBe(
      virtualService("host"),
    );
  });

  it("apply tells programs the same", async () => {
    const { out } = await mesh.heddle(["apply", "-f", "-", "--wait", "-o", "json"], virtualService("host"));
    const { written, live } = JSON.parse(out) as {
      written: boolean;
      live: { proxies: object[]; pending: object[]; nacks: object[] };
    };
    expect({ written, proxies: live.proxies.length, pending: live.pending, nacks: live.nacks }).toEqual({
      written: true,
      proxies: 2,
      pending: [],
      nacks: [],
    });
  });

  it("token create --out is readable by its owner alone; a life that is none is refused", async () => {
    const file = join(folder, "token");
    expect(await mesh.heddle(["token", "create", "-n", "default", "-s", "vm", "--out", file])).toEqual({
      status: 0,
      out: "",
      err: "",
    });
    expect((await run(["stat", "-c", "%a", file])).trim()).toBe("600");
    const { status, err } = await mesh.heddle(["token", "create", "-n", "default", "-s", "vm", "--ttl", "soon"]);
    expect(status).toBe(2);
    expectMessage(err);
  });

  it("ca shows the root, and ca bundle is PEM", async () => {
    const bundle = new X509Certificate((await mesh.heddle(["ca", "bundle"])).out);
    expect(bundle.ca).toBe(true);
    expect((await mesh.heddle(["ca"])).out).toContain(bundle.fingerprint256);
  });

  it("proxy runs an Envoy that gets ready", async () => {
    const hub = `${mesh.workload("web").namespace.name.split(".")[0]}.hub`;
    const [token, roots] = [join(folder, "vm-token"), join(folder, "roots.pem")];
    await writeFile(roots, (await mesh.heddle(["ca", "bundle"])).out);
    await mesh.heddle(["token", "create", "-n", "default", "-s", "vm", "-w", "vm-1", "--out", token]);
    const flags = ["--name", "vm-1", "-s", "vm", "--address", "10.9.0.1", "--control-plane", "10.244.0.1:15012"];
    const files = ["--ca-file", roots, "--token-file", token, "--run-dir", join(folder, "run")];
    const proxy = await startProcess({
      namespace: hub,
      command: [heddle, "proxy", ...flags, ...files],
      env: { PATH: process.env["PATH"] ?? "", HEDDLE_ENVOY: process.env["HEDDLE_ENVOY"] ?? "" },
      logFile: join(mesh.logDirectory, "proxy.log"),
    });
    try {
      await waitFor("Envoy to be ready", async () => {
        return (await mesh.requestFromOutside("http://127.0.0.1:15021/healthz/ready")).ok === 1;
      });
      expect(await readFile(`/proc/${proxy.pid}/comm`, "utf8")).toMatch(/envoy/); // it has become Envoy
      expect((await mesh.heddle(["status"])).out).toMatch(/^vm-1\.default +synced/m);
    } finally {
      await proxy.stop();
    }
  });
});
