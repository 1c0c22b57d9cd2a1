import { X509Certificate } from "node:crypto";
import { clientPod, documents, echoService } from "./echo-services.ts";
import { meshForSuite, waitFor } from "./harness/index.ts";
import {
  askControlPlane,
  cds,
  nodeOf,
  sds,
  secretsIn,
  type Claim,
  type Question,
  type Said,
} from "./harness/xds-caller.ts";

const [unauthenticated, permissionDenied] = [16, 7];

const mesh = meshForSuite({ yaml: documents(clientPod("web"), echoService("reviews")) });
let roots: string;
let token: string; // for service account web of namespace default, bound to no workload

beforeAll(async () => {
  roots = (await mesh().heddle(["ca", "bundle"])).out;
  token = await createToken("-n", "default", "-s", "web");
});

async function createToken(...args: string[]): Promise<string> {
  const { status, out, err } = await mesh().heddle(["token", "create", ...args]);
  expect({ status, err }).toEqual({ status: 0, err: "" });
  return out.trim();
}

const ask = (question: Question): Promise<Said> => askControlPlane(mesh(), roots, question);

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
    const { status, out } = await mesh().heddle(["status"]);
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
    const authority = await mesh().controlPlane.authority();
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
    const { certificates } = JSON.parse(await mesh().admin(pod, "/certs")) as Certificates;
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
