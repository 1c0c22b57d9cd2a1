import { deploySamples, kubectl, waitFor, type TestNamespace } from "./harness/index.ts";

const lifetime = "HEDDLE_CERTIFICATE_LIFETIME";

async function setLifetime(value: string): Promise<void> {
  await kubectl(["-n", "heddle-system", "set", "env", "deployment/heddle", `${lifetime}${value}`]);
  await kubectl(["-n", "heddle-system", "rollout", "status", "deployment/heddle", "--timeout=180s"]);
}

describe("certificates that live for twenty seconds", () => {
  let mesh: TestNamespace;
  beforeAll(async () => {
    await setLifetime("=20s");
    mesh = await deploySamples("e2e-rotation");
    await mesh.applySample("60-strict-mtls.yaml");
  });
  afterAll(async () => {
    await mesh.remove();
    await setLifetime("-");
  });

  /** The serial number of the certificate that an Envoy shows. */
  async function serial(pod: string): Promise<string> {
    const { certificates } = JSON.parse(await mesh.envoy(pod, "/certs")) as {
      certificates: readonly { cert_chain?: readonly { serial_number: string }[] }[];
    };
    return certificates.find(({ cert_chain }) => cert_chain?.[0])?.cert_chain?.[0]?.serial_number ?? "";
  }

  test("are replaced while requests go on over new connections, and none fails", async () => {
    const client = (await mesh.pod("web")).metadata.name;
    const server = (await mesh.pod("analytics-service")).metadata.name;
    const seen = { client: new Set<string>(), server: new Set<string>() };
    const load = await mesh.load("web", "http://analytics-service:8080/", {
      ratePerSecond: 50,
      keepAlive: false,
      keep: 3,
    });
    await waitFor(
      "three certificates on both sides",
      async () => {
        seen.client.add(await serial(client));
        seen.server.add(await serial(server));
        return seen.client.size >= 3 && seen.server.size >= 3;
      },
      { timeoutMs: 120_000, everyMs: 1_000 },
    );
    const { count, failed, errors, answers } = await load.stop();
    const told = failed > 0 ? { errors, answers } : {};
    expect({ failed, told }).toEqual({ failed: 0, told: {} });
    expect(count).toBeGreaterThan(500);
  });
});
