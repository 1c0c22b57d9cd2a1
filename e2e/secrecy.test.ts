import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { clientPod, documents, echoService } from "./echo-services.ts";
import { meshForSuite } from "./harness/index.ts";
import { askControlPlane, nodeOf, secretsIn, type Question, type Said } from "./harness/xds-caller.ts";

const mesh = meshForSuite({ yaml: documents(clientPod("web"), echoService("reviews")) });
const tokens: string[] = []; // for service account web of namespace default
let ask: (question: Question) => Promise<Said>;

beforeAll(async () => {
  const roots = (await mesh().heddle(["ca", "bundle"])).out;
  ask = (question) => askControlPlane(mesh(), roots, question);
  for (const bound of [[], ["-w", "web-2"]])
    tokens.push((await mesh().heddle(["token", "create", "-n", "default", "-s", "web", ...bound])).out.trim());
  // What is refused is written of, too: another's name, another's workload, a token that is too long.
  const [token = "", bound = ""] = tokens;
  expect((await ask({ token, node: nodeOf({ namespace: "shop" }) })).code).not.toBe(0);
  expect((await ask({ token: bound })).code).not.toBe(0);
  expect((await ask({ token: `${token}x` })).code).not.toBe(0);
});

describe("F52: no key and no token is seen anywhere", () => {
  let canaries: string[];

  beforeAll(async () => {
    const files = await readdir(mesh().stateDirectory, { recursive: true });
    const stored = await Promise.all(
      files
        .filter((file) => /key.*\.pem$|admin\.token$/.test(file))
        .map((file) => readFile(join(mesh().stateDirectory, file), "utf8")),
    );
    expect(stored.length).toBeGreaterThanOrEqual(3); // root, join tokens, admin
    const sidecars = await Promise.all(
      mesh().pods.map((pod) => readFile(join(mesh().stateDirectory, "..", pod, "token/token"), "utf8")),
    );
    // The key that web's Envoy works with: it was made for the identity, and whoever has it gets it from the stream alone.
    const [leaf] = secretsIn(await ask({ token: tokens[0], secrets: ["default"] }));
    const leafKey = leaf?.tlsCertificate?.privateKey?.inlineString ?? "";
    expect(leafKey).toContain("PRIVATE KEY");
    const lines = [...stored, leafKey]
      .flatMap((text) => text.split("\n"))
      .filter((line) => line.length > 30 && !line.startsWith("--"));
    const signatures = [...tokens, ...sidecars].map((jwt) => jwt.split(".")[2] ?? "");
    canaries = [...lines, ...signatures, "PRIVATE KEY"];
    expect(canaries.every((canary) => canary.length > 10)).toBe(true);
  });

  const found = (text: string) => canaries.filter((canary) => text.includes(canary));

  it("in logs", async () => {
    const files = await readdir(mesh().logDirectory);
    expect(files.length).toBeGreaterThanOrEqual(4);
    for (const file of files)
      expect({ file, found: found(await readFile(join(mesh().logDirectory, file), "utf8")) }).toEqual({
        file,
        found: [],
      });
  });

  it("in what heddle config, heddle status and heddle ca show", async () => {
    for (const args of [
      ["config", "web.default", "-o", "json"],
      ["config", "web.default", "secrets", "-o", "yaml"],
      ["status", "-o", "json"],
      ["ca", "show", "-o", "json"],
    ]) {
      const { status, out, err } = await mesh().heddle(args);
      expect({ args, status, found: found(out + err) }).toEqual({ args, status: 0, found: [] });
    }
    const { out } = await mesh().heddle(["config", "web.default", "secrets", "-o", "json"]);
    expect(out).toContain("[redacted]");
  });

  async function page(path: string): Promise<string> {
    const admin = await readFile(join(mesh().stateDirectory, "admin.token"), "utf8");
    const headers = { authorization: `Bearer ${admin.trim()}` };
    const { answers } = await mesh().requestFromOutside(`http://127.0.0.1:15080${path}`, { headers });
    const { body, text = JSON.stringify(body) ?? "" } = answers[0] ?? {};
    return text;
  }

  it("in metrics", async () => {
    const text = await page("/metrics");
    expect(text).toMatch(/^heddle_xds_refused_total\{reason="identity"\} [1-9]/m);
    expect(found(text)).toEqual([]);
  });

  it.each(["proxies", "refused", "problems", "objects", "ca"])("in the admin API: %s", async (name) => {
    const text = await page(`/api/v1/${name}`);
    expect(JSON.parse(text)).toEqual(expect.any(Object));
    expect(found(text)).toEqual([]);
  });

  it("in what an Envoy says of itself", async () => {
    for (const pod of mesh().pods) {
      const texts = await Promise.all(["/config_dump?include_eds", "/certs"].map((path) => mesh().admin(pod, path)));
      expect(texts.join()).toContain("[redacted]");
      expect({ pod, found: found(texts.join()) }).toEqual({ pod, found: [] });
    }
  });

  // An Envoy's environment is empty; the control plane's is not.
  it.each([
    ["cmdline", "bootstrap.json", 2],
    ["environ", "PATH=", 1],
  ] as const)("in any process's %s", async (file, seen, atLeast) => {
    const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
    const texts = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/${file}`, "utf8").catch(() => "")));
    expect(texts.filter((text) => text.includes(seen)).length).toBeGreaterThanOrEqual(atLeast);
    expect(texts.filter((text) => found(text).length > 0)).toHaveLength(0);
  });
});
