import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { echoPod, echoService, meshConfig, meshForSuite, policy, waitFor } from "./harness/index.ts";
import { resolverPod } from "./resolver-pod.ts";

const folder = mkdtempSync(join(tmpdir(), "heddle-settings-"));
chmodSync(folder, 0o777); // Envoy is another user
afterAll(() => rmSync(folder, { recursive: true }));

const outside = { address: "10.244.0.1", http: 9811, silent: 9812 };
const settings = {
  accessLogFile: join(folder, "access.log"),
  accessLogEncoding: "JSON",
  accessLogFormat: JSON.stringify({ path: "%REQ(:PATH)%", status: "%RESPONSE_CODE%" }),
  connectTimeout: "100ms",
  dnsRefreshRate: "1s",
  pathNormalization: { normalization: "MERGE_SLASHES" },
  tcpKeepalive: { time: "7200s" },
};

/** A host outside of the mesh. */
const host = (name: string, address: string, port: number, more: object): string =>
  policy("ServiceEntry", name, {
    hosts: [`${name}.example`],
    addresses: [address],
    location: "MESH_EXTERNAL",
    ports: [{ number: 80, name: "http", protocol: "HTTP", targetPort: port }],
    ...more,
  });

/** A pod with a resolver of its own, whose answers are good for no time at all. */
const client = resolverPod({ address: outside.address, ttl: 0 });

const mesh = meshForSuite({
  yaml: [
    client,
    echoPod({ name: "server" }),
    echoService({ name: "server" }),
    host("partner", "192.0.2.121", outside.http, { resolution: "STATIC", endpoints: [{ address: outside.address }] }),
    host("silent", "192.0.2.122", outside.silent, { resolution: "STATIC", endpoints: [{ address: outside.address }] }),
    host("named", "192.0.2.123", outside.http, { resolution: "DNS", endpoints: [{ address: "real.example" }] }),
    meshConfig(settings),
  ].join(""),
});
beforeAll(() => mesh().startOutside(outside.http));

const send = (url: string, timeoutMs?: number) =>
  mesh().request("client", url, timeoutMs === undefined ? {} : { timeoutMs });

it("pathNormalization: MERGE_SLASHES", async () => {
  const { answers } = await send("http://server/one//two");
  expect(answers[0]?.body?.path).toBe("/one/two");
});

it("accessLogFile, accessLogEncoding, accessLogFormat: a line for each request, with these fields", async () => {
  await send("http://server/logged?status=418");
  await waitFor("the lines of both proxies", async () => {
    for (const pod of ["client", "server"]) await mesh().admin(pod, "/reopen_logs", "POST"); // writes what it has
    const lines = readFileSync(settings.accessLogFile, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { path?: string });
    const logged = lines.filter(({ path }) => path?.startsWith("/logged"));
    if (logged.length < 2) return false;
    expect(logged).toEqual(Array(2).fill({ path: "/logged?status=418", status: 418 }));
    return true;
  });
});

it("connectTimeout: who does not answer a connection is given up", async () => {
  const drop = ["OUTPUT", "-d", outside.address, "-p", "tcp", "--dport", `${outside.silent}`, "-j", "DROP"];
  await mesh().exec("client", ["iptables", "-I", ...drop]);
  const { byStatus, answers } = await send("http://silent.example/", 9000);
  await mesh().exec("client", ["iptables", "-D", ...drop]);
  expect(byStatus).toEqual({ 503: 1 });
  expect(answers[0]?.text).toContain("connection timeout");
});

it("tcpKeepalive: connections to others are asked whether they live", async () => {
  const { answers } = await send("http://partner.example/");
  const port = answers[0]?.body?.peerPort;
  expect(await mesh().exec("client", ["ss", "-Htno", "sport", "=", `:${port}`])).toMatch(
    /timer:\(keepalive,1(19|20)min/,
  );
});

it("dnsRefreshRate: a name is looked up again and again", async () => {
  expect((await send("http://named.example/")).byVersion).toEqual({ outside: 1 });
  await waitFor("the third look", async () => {
    const stats = await mesh().envoyStats("client", "named[.]example.*[.]update_attempt$");
    return Object.values(stats).some((attempts) => attempts >= 3);
  });
});

it("trustDomain and its aliases: who is not of them is nobody", async () => {
  await mesh().replacePolicy(meshConfig({ trustDomain: "new.example" }));
  expect((await send("http://server/")).byStatus).toEqual({ 503: 1 });
  await mesh().replacePolicy(meshConfig({ trustDomain: "new.example", trustDomainAliases: ["cluster.local"] }));
  expect((await send("http://server/")).byStatus).toEqual({ 200: 1 });
});
