import { deployOutsider, deploySamples, samplePolicy, waitFor, type TestNamespace } from "./harness/index.ts";

describe("zero trust", () => {
  let mesh: TestNamespace;
  let outside: TestNamespace;
  beforeAll(async () => {
    [mesh, outside] = await Promise.all([deploySamples("e2e-trust"), deployOutsider("e2e-trust-outside")]);
  });
  afterAll(async () => {
    await mesh.remove();
    await outside.remove();
  });

  const url = "http://analytics-service.e2e-trust:8080/";

  test("plaintext is served before STRICT and refused after; the mesh goes on", async () => {
    const options = { count: 20, keep: 0, timeoutMs: 3_000 };
    expect((await outside.request("outsider", url, options)).ok).toBe(20);
    await mesh.applySample("60-strict-mtls.yaml");
    await waitFor("plaintext is refused by each replica", async () => {
      const { failed } = await outside.request("outsider", url, options);
      return failed === 20;
    });
    for (const { status } of await mesh.pods("analytics-service")) {
      const direct = await outside.request("outsider", `http://${status.podIP}:8080/`, options);
      expect({ ok: direct.ok, byStatus: direct.byStatus }).toEqual({ ok: 0, byStatus: {} }); // the connection, not the request
    }
    const inside = await mesh.request("web", "http://analytics-service:8080/", { count: 100, concurrency: 5, keep: 0 });
    expect(inside.ok).toBe(100);
  });

  test("the server is told who called, by the caller's certificate", async () => {
    const { answers } = await mesh.request("web", "http://analytics-service:8080/", { count: 1, keep: 1 });
    expect(answers[0]?.body?.headers["x-forwarded-client-cert"]).toContain(
      "URI=spiffe://cluster.local/ns/e2e-trust/sa/web",
    );
  });

  test("probes of the kubelet, which has no certificate, go on under STRICT", async () => {
    await mesh.apply(await samplePolicy("60-strict-mtls.yaml", mesh.name));
    await mesh.kubectl(["rollout", "restart", "deployment/analytics-service"]);
    await mesh.rolledOut("analytics-service"); // only pods whose probes pass count
    const pods = await mesh.pods("analytics-service");
    expect(pods).toHaveLength(3);
    const restarts = pods.flatMap(({ status }) =>
      (status.containerStatuses ?? []).map(({ restartCount }) => restartCount),
    );
    expect(Math.max(...restarts)).toBe(0);
  });
});
