import { startMesh, type TestMesh } from "./harness/index.ts";

describe("interception", () => {
  let mesh: TestMesh;
  beforeAll(async () => {
    mesh = await startMesh({ from: ["e2e/testdata/pair.yaml"] });
  });
  afterAll(() => mesh?.close());

  const identity = (account: string) => `URI=spiffe://cluster.local/ns/default/sa/${account}`;
  const received = async (url: string) => {
    const [answer] = (await mesh.request("ping-1", url)).answers;
    if (!answer?.body) throw new Error(`no answer of the app: ${JSON.stringify(answer)}`);
    return answer.body;
  };

  it("takes a call through both sidecars: mTLS between them, plain HTTP for the apps", async () => {
    const { service, headers, peer } = await received("http://pong/hello");
    expect(service).toBe("pong");
    expect(headers["x-forwarded-client-cert"]).toContain(identity("ping"));
    expect(peer).toMatch(/127\.0\.0\.(1|6)$/);
  });

  it("leads an app that calls itself through its service in by the front door", async () => {
    const { service, headers } = await received("http://ping/self");
    expect(service).toBe("ping");
    expect(headers["x-forwarded-client-cert"]).toContain(identity("ping"));
  });

  it("leaves what an app says to itself on localhost alone", async () => {
    const { service, headers } = await received("http://localhost:8080/");
    expect(service).toBe("ping");
    expect(headers["x-request-id"]).toBeUndefined();
  });

  it("passes on what no service names", async () => {
    const body = await received(`http://${mesh.addressOf("pong-1")}:7070/`);
    expect(body.service).toBe("pong-internal");
  });

  it("carries TCP, and lets the server speak first", async () => {
    const said = await mesh
      .exec("ping-1", ["curl", "-s", "-m", "5", "telnet://pong:9000"], "echo me\n")
      .catch((e: Error) => e.message);
    expect(said).toContain("pong v1");
  });

  it("leaves readiness and Prometheus to the proxy, and shows nothing else of its admin interface", async () => {
    const at = (path: string) => `http://${mesh.addressOf("pong-1")}:${path}`;
    const statusOf = async (path: string) => (await mesh.requestFromOutside(at(path))).answers[0]?.status;
    expect(await statusOf("15021/healthz/ready")).toBe(200);
    expect(await statusOf("15090/stats/prometheus")).toBe(200);
    expect(await statusOf("15021/config_dump")).toBe(404);
    expect(await statusOf("15090/quitquitquit")).toBe(404);
    expect(await statusOf("15000/ready")).not.toBe(200);
  });

  it("is the same when it is applied again, and leaves the rules of others when it goes", async () => {
    const netns = mesh.workload("pong-1").namespace.name;
    const rules = async () => (await mesh.exec("pong-1", ["iptables-save", "-t", "nat"])).match(/^-A .*$/gm)?.sort();
    const command = async (...args: string[]) =>
      expect(await mesh.heddle(["iptables", ...args, "--netns", netns])).toMatchObject({ status: 0 });
    await mesh.exec("pong-1", ["iptables", "-t", "nat", "-A", "OUTPUT", "-p", "tcp", "--dport", "4", "-j", "RETURN"]);
    const before = await rules();
    await command("apply");
    expect(await rules()).toEqual(before);
    await command("clean");
    expect(await rules()).toEqual(["-A OUTPUT -p tcp -m tcp --dport 4 -j RETURN"]);
    await command("clean");
    await command("apply");
    expect(await rules()).toEqual(before);
  });
});
