import { converse, echoPod, echoService, meshForSuite, type Answer } from "./harness/index.ts";

const mesh = meshForSuite({
  yaml: [
    echoPod({ name: "client" }),
    echoPod({ name: "server", serviceAccount: "shop", env: { PORT: "8080,8081", TCP_PORT: 9090 } }),
    echoPod({ name: "far", namespace: "elsewhere" }),
    echoPod({ name: "unknown", known: false }), // its neighbours do not know of its sidecar
    echoService({ name: "server", ports: { http: [80, 8080], "http-more": [81, 8081], tcp: [9090] } }),
    echoService({ name: "far", namespace: "elsewhere" }),
    echoService({ name: "unknown" }),
  ].join(""),
});

/** `where`: "" for the mesh, a namespace, or a namespace with the app that it is for. */
function peers(namespace: string, mode: string, app = "", ports = ""): string {
  const selector = app && `selector: { matchLabels: { app: ${app} } },`;
  const level = ports && `, portLevelMtls: { ${ports} }`;
  return `---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: ${app || "default"}, namespace: ${namespace} }
spec: { ${selector} mtls: { mode: ${mode} }${level} }
`;
}

const plainly = (host: string): string => `---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: plainly, namespace: default }
spec: { host: ${host}, trafficPolicy: { tls: { mode: DISABLE } } }
`;

/** From without, by the pod's address: 200, or 0 where the connection was closed. */
async function outside(pod: string, port = 8080): Promise<number | undefined> {
  const { answers } = await mesh().requestFromOutside(`http://${mesh().addressOf(pod)}:${port}/`);
  return answers[0]?.status;
}

async function inside(host: string): Promise<Answer | undefined> {
  return (await mesh().request("client", `http://${host}/`)).answers[0];
}

/** What the server was told of the client's certificate. */
async function identitySeen(host: string): Promise<string | undefined> {
  const answer = await inside(host);
  expect(answer?.status).toBe(200);
  return answer?.body?.headers["x-forwarded-client-cert"];
}

const client = "URI=spiffe://cluster.local/ns/default/sa/client";

describe("without a policy", () => {
  it("plaintext and mTLS are both taken, and mTLS is spoken", async () => {
    expect(await outside("server")).toBe(200);
    const seen = await identitySeen("server");
    expect(seen).toContain(client);
    expect(seen).toContain("By=spiffe://cluster.local/ns/default/sa/shop");
    expect(await identitySeen("far.elsewhere")).toContain(client);
  });

  it("who is not known to have a sidecar is spoken to in plaintext", async () => {
    expect(await identitySeen("unknown")).toBeUndefined();
  });

  it("an identity that a caller writes into a header does not arrive", async () => {
    const forged = { headers: { "x-forwarded-client-cert": "URI=spiffe://cluster.local/ns/default/sa/admin" } };
    const { answers } = await mesh().request("client", "http://server/", forged);
    expect(answers[0]?.body?.headers["x-forwarded-client-cert"]).toContain(client);
    expect(answers[0]?.body?.headers["x-forwarded-client-cert"]).not.toContain("admin");
    const from = await mesh().requestFromOutside(`http://${mesh().addressOf("server")}:8080/`, forged);
    expect(from.answers[0]?.body?.headers["x-forwarded-client-cert"]).toBeUndefined();
  });
});

describe("STRICT", () => {
  it("in the mesh: nobody takes plaintext, everybody speaks mTLS", async () => {
    await mesh().replacePolicy(peers("istio-system", "STRICT"));
    for (const pod of ["server", "far", "unknown"])
      expect([pod, await outside(pod === "far" ? "far.elsewhere" : pod)]).toEqual([pod, 0]);
    const address = mesh().addressOf("server");
    expect(await mesh().requestFromOutside(`http://${address}:9090/`)).toMatchObject({ ok: 0, failed: 1 }); // TCP
    expect(await mesh().requestFromOutside(`http://${address}:8099/`)).toMatchObject({ ok: 0, failed: 1 }); // no port of a service
    expect(await identitySeen("server")).toContain(client);
    expect(await identitySeen("far.elsewhere")).toContain(client);
    const { received } = await converse(mesh(), "client", { host: "server", port: 9090, send: "ping", until: "ping" });
    expect(received).toBe("server v1\nping");
  });

  it("in the mesh: a DestinationRule that says plaintext is refused by the server", async () => {
    await mesh().replacePolicy(peers("istio-system", "STRICT") + plainly("server"));
    expect((await inside("server"))?.status).toBe(503);
    expect((await inside("far.elsewhere"))?.status).toBe(200);
  });

  it("in a namespace: elsewhere plaintext is still taken", async () => {
    await mesh().replacePolicy(peers("default", "STRICT"));
    expect([await outside("server"), await outside("far.elsewhere")]).toEqual([0, 200]);
  });

  it("for a workload: its neighbours take plaintext", async () => {
    await mesh().replacePolicy(peers("default", "STRICT", "server"));
    expect([await outside("server"), await outside("client")]).toEqual([0, 200]);
  });

  it("for a port of a workload, and the reverse", async () => {
    await mesh().replacePolicy(peers("default", "PERMISSIVE", "server", "8081: { mode: STRICT }"));
    expect([await outside("server", 8080), await outside("server", 8081)]).toEqual([200, 0]);
    expect(await identitySeen("server:81")).toContain(client);
    await mesh().replacePolicy(
      peers("istio-system", "STRICT") + peers("default", "STRICT", "server", "8081: { mode: PERMISSIVE }"),
    );
    expect([await outside("server", 8080), await outside("server", 8081)]).toEqual([0, 200]);
  });

  it("the narrower level wins: mesh, namespace, workload", async () => {
    await mesh().replacePolicy(peers("istio-system", "STRICT") + peers("elsewhere", "PERMISSIVE"));
    expect([await outside("server"), await outside("far.elsewhere")]).toEqual([0, 200]);
    await mesh().replacePolicy(peers("default", "STRICT") + peers("default", "PERMISSIVE", "server"));
    expect([await outside("server"), await outside("client")]).toEqual([200, 0]);
    await mesh().replacePolicy(peers("default", "STRICT") + peers("default", "UNSET", "server"));
    expect(await outside("server")).toBe(0);
  });
});

describe("DISABLE", () => {
  it("in the mesh: plaintext is spoken and taken, and nobody is known", async () => {
    await mesh().replacePolicy(peers("istio-system", "DISABLE"));
    expect(await outside("server")).toBe(200);
    expect(await identitySeen("server")).toBeUndefined();
    const { received } = await converse(mesh(), "client", { host: "server", port: 9090, send: "ping", until: "ping" });
    expect(received).toBe("server v1\nping");
  });

  it("in a namespace: callers know, and speak mTLS elsewhere", async () => {
    await mesh().replacePolicy(peers("elsewhere", "DISABLE"));
    expect(await identitySeen("far.elsewhere")).toBeUndefined();
    expect(await identitySeen("server")).toContain(client);
  });

  it("of one client by its DestinationRule: a permissive server takes it", async () => {
    await mesh().replacePolicy(plainly("server"));
    expect(await identitySeen("server")).toBeUndefined();
    expect(await identitySeen("far.elsewhere")).toContain(client);
  });
});
