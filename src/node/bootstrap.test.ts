import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildBootstrap, buildTokenSecret, type BootstrapOptions } from "./index.ts";

const options: BootstrapOptions = {
  node: {
    name: "link-service-stable-1",
    namespace: "default",
    serviceAccount: "link-service",
    addresses: ["10.244.1.2", "fd00::2"],
    labels: { app: "link-service", version: "stable" },
    locality: { region: "eu", zone: "eu-1" },
    metadata: { NAMESPACE: "somewhere-else", CLUSTER_ID: "one" },
  },
  controlPlane: { address: "10.244.0.1", port: 15_012, serverName: "heddle.heddle-system.svc" },
  files: {
    caFile: "/run/heddle/ca/root.pem",
    tokenFile: "/run/heddle/token/token",
    tokenSecretFile: "/run/heddle/sds.json",
    rootSecretFile: "/run/heddle/roots.json",
  },
  adminSocket: "/run/heddle/admin.sock",
};

describe("bootstrap", () => {
  it("is the golden one", () => {
    const file = join(__dirname, "testdata", "bootstrap", "sidecar.json");
    const text = `${JSON.stringify(buildBootstrap(options).value, null, 2)}\n`;
    if (process.env["HEDDLE_GOLDEN"] === "write") writeFileSync(file, text);
    expect(text).toBe(readFileSync(file, "utf8"));
  });

  it("names the node as Istio does, and lets no metadata overwrite the claim", () => {
    expect(buildBootstrap(options).value?.["node"]).toMatchObject({
      id: "sidecar~10.244.1.2~link-service-stable-1.default~default.svc.cluster.local",
      cluster: "link-service.default",
      metadata: { NAMESPACE: "default", SERVICE_ACCOUNT: "link-service", CLUSTER_ID: "one" },
    });
  });

  it("resolves a control plane that is a name, and takes an address as it is", () => {
    const named = { ...options, controlPlane: { ...options.controlPlane, address: "heddle.heddle-system.svc" } };
    expect(JSON.stringify(buildBootstrap(named).value)).toContain('"STRICT_DNS"');
    expect(JSON.stringify(buildBootstrap(options).value)).not.toContain('"STRICT_DNS"');
  });

  it("knows where the token is and never what it is", () => {
    expect(JSON.stringify(buildTokenSecret("/run/heddle/token/token"))).toContain(
      '"filename":"/run/heddle/token/token"',
    );
    expect(JSON.stringify(buildBootstrap(options).value)).toContain('"path":"/run/heddle/token"}');
  });

  it.each([
    ["name", { node: { ...options.node, name: "a~b" } }],
    ["namespace", { node: { ...options.node, namespace: "a.b" } }],
    ["serviceAccount", { node: { ...options.node, serviceAccount: "" } }],
    ["addresses", { node: { ...options.node, addresses: [] } }],
    ["addresses[1]", { node: { ...options.node, addresses: ["10.0.0.1", "10.0.0.1; rm"] } }],
    ["controlPlane.address", { controlPlane: { ...options.controlPlane, address: "a b" } }],
    ["controlPlane.port", { controlPlane: { ...options.controlPlane, port: 0 } }],
    ["controlPlane.serverName", { controlPlane: { ...options.controlPlane, serverName: "*.x" } }],
    ["files.caFile", { files: { ...options.files, caFile: "root.pem" } }],
    ["adminSocket", { adminSocket: `/${"x".repeat(107)}` }],
    ["ports.admin", { ports: { admin: 70_000 } }],
  ] satisfies [string, Partial<BootstrapOptions>][])("refuses a bad %s", (field, change) => {
    const { value, problems } = buildBootstrap({ ...options, ...change });
    expect(value).toBeUndefined();
    expect(problems.map((problem) => problem.field)).toEqual([field]);
  });
});
