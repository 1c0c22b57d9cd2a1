import { X509Certificate } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Secret } from "../generated/envoy/extensions/transport_sockets/tls/v3/secret.ts";
import { clientPod, documents, echoService } from "./echo-services.ts";
import { expectNoRejections, projectRoot, startMesh, waitFor, type TestMesh } from "./harness/index.ts";

const type = (name: string) => `type.googleapis.com/envoy.${name}`;
const cds = type("config.cluster.v3.Cluster");
const sds = type("extensions.transport_sockets.tls.v3.Secret");
const [unauthenticated, permissionDenied] = [16, 7];

let mesh: TestMesh;
let roots: string;
let token: string; // for service account web of namespace default, bound to no workload
const made: string[] = []; // every token of this file

beforeAll(async () => {
  mesh = await startMesh({ yaml: documents(clientPod("web"), echoService("reviews")) });
  roots = (await mesh.heddle(["ca", "bundle"])).out;
  token = await createToken("-n", "default", "-s", "web");
});

afterAll(async () => {
  try {
    await expectNoRejections(mesh);
  } finally {
    await mesh.close();
  }
});

async function createToken(...args: string[]): Promise<string> {
  const { status, out, err } = await mesh.heddle(["token", "create", ...args]);
  expect({ status, err }).toEqual({ status: 0, err: "" });
  made.push(out.trim());
  return out.trim();
}

interface Said {
  readonly code: number;
  readonly details: string;
  readonly answers: readonly {
    readonly typeUrl: string;
    readonly names: readonly string[];
    readonly removed: readonly string[];
    readonly resources: readonly string[];
  }[];
}

interface Claim {
  readonly name?: string;
  readonly namespace?: string;
  readonly serviceAccount?: string;
}

function nodeOf({ name = "web", namespace = "default", serviceAccount = "web" }: Claim) {
  return {
    id: `sidecar~10.244.9.9~${name}.${namespace}~${namespace}.svc.cluster.local`,
    cluster: name,
    metadata: { NAME: name, NAMESPACE: namespace, SERVICE_ACCOUNT: serviceAccount },
  };
}

/** Asks the control plane, from inside a pod, for clusters or for secrets. */
async function ask(with_: { token?: string; node?: object; secrets?: readonly string[] }): Promise<Said> {
  const { node = nodeOf({}), secrets } = with_;
  const input = {
    address: "10.244.0.1:15012",
    roots,
    ...("token" in with_ ? { token: with_.token } : {}),
    node,
    ask: secrets
      ? [[sds, secrets]]
      : [
          [cds, []],
          [sds, ["default"]],
        ],
    waitMs: 300,
  };
  const script = join(projectRoot(), "e2e/apps/xds-client.ts");
  const argv = [process.execPath, "--disable-warning=ExperimentalWarning", script];
  return JSON.parse(await mesh.exec("web", argv, JSON.stringify(input))) as Said;
}

it("who proves who it is gets its configuration and its certificate", async () => {
  const { code, answers } = await ask({ token });
  expect(code).toBe(0);
  expect(answers.find(({ typeUrl }) => typeUrl === cds)?.names).toContain(
    "outbound|8080||reviews.default.svc.cluster.local",
  );
  expect(answers.find(({ typeUrl }) => typeUrl === sds)?.names).toEqual(["default"]);
});

const nothing = (code: number | undefined) => ({ code, details: expect.any(String) as string, answers: [] });

describe("F41: who claims to be somebody else gets nothing", () => {
  it.each<[string, Claim]>([
    ["another namespace", { namespace: "shop" }],
    ["another service account", { serviceAccount: "reviews" }],
    ["a workload of another service account", { name: "reviews-v1" }],
    ["a workload and service account of another", { name: "reviews-v1", serviceAccount: "reviews" }],
  ])("%s", async (_, claim) => {
    expect(await ask({ token, node: nodeOf(claim) })).toEqual(nothing(permissionDenied));
  });

  it("another workload than the token is bound to", async () => {
    const bound = await createToken("-n", "default", "-s", "web", "-w", "web-2");
    expect(await ask({ token: bound })).toEqual(nothing(permissionDenied));
  });

  it("and heddle status says who was not let in, and why", async () => {
    await ask({ token, node: nodeOf({ name: "reviews-v1" }) });
    const { status, out } = await mesh.heddle(["status"]);
    expect(status).toBe(0);
    expect(out).toMatch(
      /^not let in: sidecar~10\.244\.9\.9~reviews-v1\.default~\S+, as default\/web, from 10\.244\.\S+, (once|\d+ times), last \d s ago: .* reviews-v1\.default runs as$/m,
    );
  });
});

it.each([
  ["no metadata and no id", { id: "", cluster: "" }],
  ["no metadata", { id: "sidecar", cluster: "web", metadata: {} }],
])("F42: who claims nothing gets nothing: %s", async (_, node) => {
  const { code, answers } = await ask({ token, node });
  expect({ answers, code }).toEqual({ answers: [], code: permissionDenied });
});

const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

describe("F43: no credential that is not ours, whole and in time", () => {
  const subject = {
    iss: "cluster.local",
    sub: "spiffe://cluster.local/ns/default/sa/web",
    aud: "heddle",
    exp: 4e9,
    iat: 1,
  };

  it.each<[string, () => string | undefined]>([
    ["none", () => undefined],
    ["nothing", () => ""],
    ["garbage", () => "abc"],
    ["algorithm none", () => `${base64({ alg: "none", typ: "heddle-join+jwt" })}.${base64(subject)}.`],
    ["algorithm none, with a signature", () => `${base64({ alg: "none" })}.${base64(subject)}.${token.split(".")[2]}`],
    ["other claims under our signature", () => token.replace(/\.[^.]+\./, `.${base64(subject)}.`)],
    ["null as payload", () => token.replace(/\.[^.]+\./, ".bnVsbA.")],
    ["thousands of dots", () => ".".repeat(8000)],
  ])("%s", async (_, credential) => {
    const value = credential();
    expect(await ask(value === undefined ? {} : { token: value })).toEqual(nothing(unauthenticated));
  });

  it("for another audience", async () => {
    const authority = await mesh.controlPlane.authority();
    const request = { namespace: "default", serviceAccount: "web", ttlMs: 60_000, audience: "vault" };
    const other = await authority.tokens.createToken(request);
    expect(await ask({ token: "token" in other ? other.token : "" })).toEqual(nothing(unauthenticated));
  });

  it("expired", async () => {
    const short = await createToken("-n", "default", "-s", "web", "--ttl", "1s");
    const said = await waitFor("its end", async () => {
      const last = await ask({ token: short });
      return last.code !== 0 && last;
    });
    expect(said).toEqual({ code: unauthenticated, details: "the token has expired", answers: [] });
  });

  it("and what it is told holds nothing of what it sent", async () => {
    const { details } = await ask({ token: "secret-that-is-no-token" });
    expect(details).not.toContain("secret");
  });
});

function secretsIn({ answers }: Said): Secret[] {
  return answers.flatMap(({ resources }) => resources).map((value) => Secret.decode(Buffer.from(value, "base64")));
}

it("F45, F46: a certificate is for the caller alone, and no other secret has a name", async () => {
  const theirs = ["reviews", "spiffe://cluster.local/ns/default/sa/reviews", "kubernetes://reviews", "default/reviews"];
  const secrets = secretsIn(await ask({ token, secrets: [...theirs, "default", "ROOTCA"] }));
  expect(secrets.map(({ name }) => name).sort()).toEqual(["ROOTCA", "default"]);
  const chain = secrets.find(({ name }) => name === "default")?.tlsCertificate?.certificateChain;
  const leaf = new X509Certificate(chain?.inlineString ?? chain?.inlineBytes ?? "");
  expect(leaf.subjectAltName).toBe("URI:spiffe://cluster.local/ns/default/sa/web");
});

it("every Envoy holds a leaf of a day for its own identity", async () => {
  for (const [pod, account] of [
    ["web", "web"],
    ["reviews-v1", "reviews"],
  ] as const) {
    const { certificates } = JSON.parse(await mesh.admin(pod, "/certs")) as Certificates;
    const leaf = certificates.flatMap(({ cert_chain }) => cert_chain)[0];
    expect(leaf?.subject_alt_names).toEqual([{ uri: `spiffe://cluster.local/ns/default/sa/${account}` }]);
    const hours = (Date.parse(leaf?.expiration_time ?? "") - Date.parse(leaf?.valid_from ?? "")) / 3_600_000;
    expect(hours).toBeGreaterThanOrEqual(24);
    expect(hours).toBeLessThan(24.5); // dated back for clocks that are late
  }
});

interface Certificates {
  readonly certificates: readonly {
    readonly cert_chain: readonly {
      readonly subject_alt_names: readonly object[];
      readonly valid_from: string;
      readonly expiration_time: string;
    }[];
  }[];
}

describe("F52: no key and no token is seen anywhere", () => {
  let canaries: string[];

  beforeAll(async () => {
    const files = await readdir(mesh.stateDirectory, { recursive: true });
    const stored = await Promise.all(
      files
        .filter((file) => /key.*\.pem$|admin\.token$/.test(file))
        .map((file) => readFile(join(mesh.stateDirectory, file), "utf8")),
    );
    expect(stored.length).toBeGreaterThanOrEqual(3); // root, join tokens, admin
    const sidecars = await Promise.all(
      mesh.pods.map((pod) => readFile(join(mesh.stateDirectory, "..", pod, "token/token"), "utf8")),
    );
    // The key that web's Envoy works with: it was made for the identity, and whoever has it gets it from the stream alone.
    const [leaf] = secretsIn(await ask({ token, secrets: ["default"] }));
    const leafKey = leaf?.tlsCertificate?.privateKey?.inlineString ?? "";
    expect(leafKey).toContain("PRIVATE KEY");
    const lines = [...stored, leafKey]
      .flatMap((text) => text.split("\n"))
      .filter((line) => line.length > 30 && !line.startsWith("--"));
    const signatures = [...made, ...sidecars].map((jwt) => jwt.split(".")[2] ?? "");
    canaries = [...lines, ...signatures, "PRIVATE KEY"];
    expect(canaries.every((canary) => canary.length > 10)).toBe(true);
  });

  const found = (text: string) => canaries.filter((canary) => text.includes(canary));

  it("in logs", async () => {
    const files = await readdir(mesh.logDirectory);
    expect(files.length).toBeGreaterThanOrEqual(4);
    for (const file of files)
      expect({ file, found: found(await readFile(join(mesh.logDirectory, file), "utf8")) }).toEqual({
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
      const { status, out, err } = await mesh.heddle(args);
      expect({ args, status, found: found(out + err) }).toEqual({ args, status: 0, found: [] });
    }
    const { out } = await mesh.heddle(["config", "web.default", "secrets", "-o", "json"]);
    expect(out).toContain("[redacted]");
  });

  async function page(path: string): Promise<string> {
    const admin = await readFile(join(mesh.stateDirectory, "admin.token"), "utf8");
    const headers = { authorization: `Bearer ${admin.trim()}` };
    const { answers } = await mesh.requestFromOutside(`http://127.0.0.1:15080${path}`, { headers });
    const { body, text = JSON.stringify(body) ?? "" } = answers[0] ?? {};
    return text;
  }

  it("in metrics", async () => {
    await ask({ token, node: nodeOf({ namespace: "shop" }) });
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
    for (const pod of mesh.pods) {
      const texts = await Promise.all(["/config_dump?include_eds", "/certs"].map((path) => mesh.admin(pod, path)));
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
