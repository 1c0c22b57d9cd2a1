import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot } from "./harness/index.ts";

const dir = mkdtempSync(join(tmpdir(), "heddle-cli-"));
afterAll(() => rmSync(dir, { recursive: true }));

function heddle(...args: readonly string[]): { status: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(join(projectRoot(), "bin/heddle"), args, { encoding: "utf8" });
  return { status, out: stdout, err: stderr };
}

/** A file of the mesh, in a folder of its own. */
function inputOf(text: string): string {
  const folder = mkdtempSync(join(dir, "input-"));
  writeFileSync(join(folder, "mesh.yaml"), text);
  return folder;
}

const rule = (field: string) => `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: cart, namespace: shop }
spec:
  host: cart.example.com
  ${field}
`;

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: cart
  namespace: shop
  annotations:
    sidecar.istio.io/proxyCPU: 100m
spec:
  template:
    metadata:
      annotations:
        sidecar.istio.io/logLevel: chatty
    spec: { containers: [{ name: cart, image: cart }] }
`;

describe("heddle check", () => {
  it("ends with 0 where there are warnings only, and says where they are", () => {
    const input = inputOf(rule("trafficPolicy: { outlierDetection: { consecutiveErrors: 3 } }"));
    const { status, out } = heddle("check", "-f", input);
    expect(status).toBe(0);
    expect(out).toMatch(
      /mesh\.yaml:6:40: warning IST0002 DestinationRule shop\/cart spec\.trafficPolicy\.outlierDetection\.consecutiveErrors: /,
    );
  });

  it("ends with 1 where there is an error, also for programs", () => {
    const input = inputOf(rule("trafficPolicyy: {}"));
    const { status, out } = heddle("check", "-f", input, "--output", "json");
    expect(status).toBe(1);
    expect(JSON.parse(out)).toEqual([
      {
        code: "HED101",
        level: "error",
        object: { kind: "DestinationRule", namespace: "shop", name: "cart" },
        file: join(input, "mesh.yaml"),
        line: 6,
        column: 3,
        field: "spec.trafficPolicyy",
        message: "unknown field",
        hint: 'did you mean "trafficPolicy"?',
      },
    ]);
  });

  it("ends as --fail-on says, and says nothing of what is suppressed", () => {
    const input = inputOf(rule("subsets: [{ name: v1 }]")); // for a host that no service has
    const check = (...flags: string[]) => heddle("check", "-f", input, ...flags);
    expect(check()).toMatchObject({ status: 0, out: expect.stringContaining("warning IST0174") as string });
    expect(check("--fail-on", "warning").status).toBe(1);
    const suppressed = check("--fail-on", "warning", "--suppress", "IST0174=DestinationRule *.shop");
    expect(suppressed).toMatchObject({
      status: 0,
      out: expect.stringMatching(/^1 objects read: .* 1 suppressed\n$/) as string,
    });
    expect(check("--suppress", "IST0174=DestinationRule").status).toBe(2);
  });

  it("goes from file to file and from line to line, and says with each what to do", () => {
    const input = inputOf(`${rule("subsets: [{ name: v1 }]")}---\n${deployment}`);
    const { out } = heddle("check", "-f", input);
    expect(out.split("\n").map((line) => line.replace(/^.*mesh\.yaml:/, ""))).toEqual([
      expect.stringMatching(/^5:3: warning IST0174 .*\(mend its host\)$/) as string,
      expect.stringMatching(
        /^14:5: warning IST0107 Deployment shop\/cart .*\(write it into the pod's template\)$/,
      ) as string,
      expect.stringMatching(
        /^19:9: error HED501 Deployment shop\/cart spec\.template\..*\(mend the flag or annotation\)$/,
      ) as string,
      "1 objects read: 1 errors, 2 warnings, 0 infos",
      "",
    ]);
  });

  it("says nothing of what an object does not want to hear of", () => {
    const silent = rule("subsets: [{ name: v1 }]").replace(
      "namespace: shop",
      "namespace: shop, annotations: { galley.istio.io/analyze-suppress: IST0174 }",
    );
    expect(heddle("check", "-f", inputOf(silent)).out).toMatch(/^1 objects read: .* 1 suppressed\n$/);
  });

  it("tells what every code means", () => {
    const { status, out } = heddle("check", "--list-codes");
    expect(status).toBe(0);
    expect(out).toMatch(/^IST0101 +warning, info +What is referred to is not there/m);
  });

  it("says what it waits for while an API server does not answer", async () => {
    const kubeconfig = join(inputOf(""), "kubeconfig");
    const cluster = { name: "gone", cluster: { server: "https://127.0.0.1:1" } };
    const context = { name: "gone", context: { cluster: "gone", user: "nobody" } };
    const users = [{ name: "nobody", user: {} }];
    const config = { clusters: [cluster], contexts: [context], users, "current-context": "gone" };
    writeFileSync(kubeconfig, JSON.stringify({ apiVersion: "v1", kind: "Config", ...config }));
    const child = spawn(join(projectRoot(), "bin/heddle"), ["check", "--kubernetes", "--kubeconfig", kubeconfig]);
    try {
      const [told] = (await once(child.stderr.setEncoding("utf8"), "data")) as [string];
      expect(told).toMatch(/^heddle: waiting for the API server to show \w+: .*ECONNREFUSED/);
    } finally {
      child.kill("SIGKILL");
    }
  }, 30_000);

  it("ends with 2 where there is nothing to read", () => {
    expect(heddle("check").status).toBe(2);
    expect(heddle("check", "-f", join(dir, "nowhere"))).toMatchObject({ status: 2, out: "" });
  });
});

describe("heddle render", () => {
  const golden = (name: string, file: string) =>
    readFileSync(join(projectRoot(), "src/envoy/testdata/weight", name, file), "utf8");

  it("prints what the golden file says", () => {
    const input = inputOf(golden("canary", "in.yaml").replace(/^[^]*?\n---\n/, ""));
    const proxy = join(dir, "proxy.json");
    writeFileSync(proxy, JSON.stringify({ type: "sidecar", name: "web", namespace: "shop", ip: "10.1.0.1" }));
    expect(heddle("render", "-f", input, "--proxy-file", proxy)).toEqual({
      status: 0,
      out: golden("canary", "out.yaml"),
      err: "",
    });
  });

  const workload = `apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: { name: vm-1, namespace: shop }
spec: { address: 10.9.0.1 }
`;

  it("knows WorkloadEntries, and has every resource for programs", () => {
    const { status, out } = heddle("render", "-f", inputOf(workload), "--proxy", "vm-1.shop", "--output", "json");
    expect(status).toBe(0);
    const resources = JSON.parse(out) as { "@type": string; name: string }[];
    expect(resources.map(({ name }) => name)).toEqual(expect.arrayContaining(["PassthroughCluster", "virtualInbound"]));
    expect(resources.every((resource) => resource["@type"].startsWith("type.googleapis.com/envoy."))).toBe(true);
  });

  it("ends with 1 for a workload that is not there, and names those that are", () => {
    const { status, err } = heddle("render", "-f", inputOf(workload), "--proxy", "vm-2.shop");
    expect(status).toBe(1);
    expect(err).toContain("vm-1.shop");
  });
});
