import { createPublicKey, X509Certificate, type KeyObject } from "node:crypto";
import fc from "fast-check";
import { element, pemBlock, sequence } from "./der.ts";
import { day, ecKey, heldClock, identity, openIn, rsaKey, temporaryFolder } from "./testdata/authority.ts";
import type { KeyRing, SignedChain } from "./types.ts";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequestGenerator,
  SubjectAlternativeNameExtension,
  type JsonGeneralName,
} from "./x509.ts";

const own = "spiffe://cluster.local/ns/shop/sa/reviews";
const cleanups: (() => Promise<unknown>)[] = [];
const clock = heldClock();
let ring: KeyRing;
beforeAll(async () => {
  ring = await openIn(await temporaryFolder(cleanups), { clock });
});
afterAll(async () => {
  for (const clean of cleanups.splice(0)) await clean();
});

interface Wish {
  readonly key?: KeyObject;
  readonly name?: string;
  readonly extensions?: readonly Extension[];
  readonly hash?: string;
}

async function csr({
  key = ecKey(),
  name = "CN=whoever",
  extensions = [],
  hash = "SHA-256",
}: Wish = {}): Promise<string> {
  const curves: Record<string, string> = { prime256v1: "P-256", secp384r1: "P-384" };
  const curve = curves[key.asymmetricKeyDetails?.namedCurve ?? ""];
  const algorithm = curve ? { name: "ECDSA", namedCurve: curve, hash } : { name: "RSASSA-PKCS1-v1_5", hash };
  const bytes = {
    private: key.export({ type: "pkcs8", format: "der" }),
    public: createPublicKey(key).export({ type: "spki", format: "der" }),
  };
  const keys = {
    privateKey: await crypto.subtle.importKey("pkcs8", bytes.private, algorithm, true, ["sign"]),
    publicKey: await crypto.subtle.importKey("spki", bytes.public, algorithm, true, ["verify"]),
  };
  const request = await Pkcs10CertificateRequestGenerator.create({
    name,
    keys,
    signingAlgorithm: algorithm,
    extensions: [...extensions],
  });
  return request.toString("pem");
}

const names = (...list: JsonGeneralName[]): Extension[] => [new SubjectAlternativeNameExtension(list)];
const uri = (value: string): JsonGeneralName => ({ type: "url", value });

async function signed(pem: string): Promise<SignedChain> {
  const answer = await ring.signCsr(identity, pem);
  if ("refused" in answer) throw new Error(answer.refused);
  return answer;
}

/** Whatever was asked: the certificate is the caller's, a leaf, and short-lived. */
function expectOwn(chain: SignedChain): void {
  const certificate = new X509Certificate(chain.certificateChain);
  expect(certificate.subjectAltName).toBe(`URI:${own}`);
  expect(certificate.subject ?? "").toBe("");
  expect(certificate.ca).toBe(false);
  expect([...certificate.keyUsage].sort()).toEqual(["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]);
  expect(chain.notAfter).toBeLessThanOrEqual(clock.at + day);
  expect(certificate.verify(new X509Certificate(ring.bundle()).publicKey)).toBe(true);
}

describe("signing requests", () => {
  it.each([
    ["ECDSA P-256", () => ecKey()],
    ["RSA 2048", () => rsaKey(2048)],
  ])("with a key of %s are signed for the caller", async (_what, makeKey) => {
    const key = makeKey();
    const chain = await signed(await csr({ key }));
    expectOwn(chain);
    expect(new X509Certificate(chain.certificateChain).checkPrivateKey(key)).toBe(true);
  });

  it("may ask for what the caller gets anyway", async () => {
    const extensions = [
      ...names(uri(own)),
      new BasicConstraintsExtension(false),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth, ExtendedKeyUsage.serverAuth]),
    ];
    expectOwn(await signed(await csr({ extensions })));
  });

  it("do not bring their subject into the certificate", async () => {
    expectOwn(await signed(await csr({ name: "CN=admin, O=system:masters" })));
  });
});

/** How often chance is tried: ten thousand times in `make faults`, as the catalogue asks. */
const fuzzRuns = process.env["FAULTS"] === "long" ? 10_000 : 300;

describe("F45: a request for more than one's own identity is refused", () => {
  const cases: [string, () => string | Promise<string>, string][] = [
    [
      "another service account",
      () => csr({ extensions: names(uri("spiffe://cluster.local/ns/shop/sa/admin")) }),
      "name",
    ],
    [
      "another beside one's own",
      () => csr({ extensions: names(uri(own), uri("spiffe://cluster.local/ns/shop/sa/admin")) }),
      "name",
    ],
    ["a DNS name", () => csr({ extensions: names({ type: "dns", value: "heddle.heddle-system.svc" }) }), "name"],
    ["a wildcard", () => csr({ extensions: names({ type: "dns", value: "*" }) }), "name"],
    ["an IP", () => csr({ extensions: names({ type: "ip", value: "127.0.0.1" }) }), "name"],
    ["a NUL in the name", () => csr({ extensions: names(uri(`${own}\0.example`)) }), "name"],
    ["a look-alike", () => csr({ extensions: names(uri(own.replace("reviews", "Reviews"))) }), "name"],
    ["the right name of the wrong kind", () => csr({ extensions: names({ type: "dns", value: own }) }), "name"],
    ["CA:true", () => csr({ extensions: [new BasicConstraintsExtension(true)] }), "CA"],
    ["keyCertSign", () => csr({ extensions: [new KeyUsagesExtension(KeyUsageFlags.keyCertSign)] }), "key usage"],
    [
      "codeSigning",
      () => csr({ extensions: [new ExtendedKeyUsageExtension([ExtendedKeyUsage.codeSigning])] }),
      "extended key usage",
    ],
    ["any purpose", () => csr({ extensions: [new ExtendedKeyUsageExtension(["2.5.29.37.0"])] }), "extended key usage"],
    [
      "an unknown extension",
      () => csr({ extensions: [new Extension("1.2.3.4", false, Buffer.from([5, 0]))] }),
      "extension",
    ],
    ["an extension twice", () => csr({ extensions: [...names(uri(own)), ...names(uri(own))] }), "twice"],
    ["RSA 1024", () => unprovenRsa(1024), "key"],
    ["RSA 4104", () => unprovenRsa(4104), "key"],
    ["RSA with exponent 3", () => unprovenRsa(2048, 3), "key"],
    ["RSA 4096, which would be in order, without proof of its key", () => unprovenRsa(4096), "signature"],
    ["P-384", () => csr({ key: ecKey("secp384r1") }), "key"],
    ["SHA-1", () => csr({ hash: "SHA-1" }), "hash"],
    ["somebody else's signature", stolenKey, "signature"],
    ["nothing", () => "", "PEM"],
    ["a certificate", () => ring.bundle(), "PEM"],
    ["two requests", async () => `${await csr()}\n${await csr()}`, "PEM"],
    [
      "1 MB",
      () => `-----BEGIN CERTIFICATE REQUEST-----\n${"A".repeat(1_000_000)}\n-----END CERTIFICATE REQUEST-----`,
      "longer",
    ],
    ["junk in PEM", () => pemBlock("CERTIFICATE REQUEST", Buffer.from("junk")), "read"],
    ["DER nested 2,000 deep", () => pemBlock("CERTIFICATE REQUEST", nested(2000)), "read"],
    ["an RSA key of 16,384 bits", () => unprovenRsa(16_384), "key"],
  ];

  it.each(cases)("%s", async (_what, write, reason) => {
    expect(await ring.signCsr(identity, await write())).toEqual({ refused: expect.stringContaining(reason) });
  });

  it("whatever is asked or broken: never a certificate other than one's own", async () => {
    const valid = Buffer.from((await csr({ extensions: names(uri(own)) })).replace(/-----[^-]+-----/g, ""), "base64");
    const flipped = fc.tuple(fc.nat(valid.length - 1), fc.integer({ min: 1, max: 255 })).map(([at, bits]) => {
      const bytes = Buffer.from(valid);
      bytes[at] = (bytes[at] ?? 0) ^ bits;
      return pemBlock("CERTIFICATE REQUEST", bytes);
    });
    const junk = fc.uint8Array({ maxLength: 200 }).map((bytes) => pemBlock("CERTIFICATE REQUEST", bytes));
    let refusals = 0;
    await fc.assert(
      fc.asyncProperty(fc.oneof({ weight: 8, arbitrary: flipped }, junk, fc.string()), async (pem) => {
        const answer = await ring.signCsr(identity, pem);
        if ("refused" in answer) refusals += 1;
        else expectOwn(answer);
      }),
      { numRuns: fuzzRuns },
    );
    expect(refusals).toBeGreaterThan(fuzzRuns * 0.65);
  }, 300_000);

  it("any list of names: signed only where it is one's own", async () => {
    const key = ecKey();
    const name = fc.oneof(
      fc.constant(uri(own)),
      fc.webUrl().map(uri),
      fc.stringMatching(/^[a-z]{1,10}$/).map((account) => uri(`spiffe://cluster.local/ns/shop/sa/${account}`)),
      fc.domain().map((value): JsonGeneralName => ({ type: "dns", value })),
      fc.ipV4().map((value): JsonGeneralName => ({ type: "ip", value })),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(name, { minLength: 1, maxLength: 4 }), async (list) => {
        const answer = await ring.signCsr(identity, await csr({ key, extensions: names(...list) }));
        expect("refused" in answer).toBe(!list.every(({ value }) => value === own));
        if (!("refused" in answer)) expectOwn(answer);
      }),
      { numRuns: 30 },
    );
  }, 60_000);
});

/** A request that shows somebody's public key, signed by another key: who cannot prove the key gets no certificate for it. */
async function stolenKey(): Promise<string> {
  const spki = (key: KeyObject): Buffer => createPublicKey(key).export({ type: "spki", format: "der" });
  const [mine, stolen] = [ecKey(), ecKey()];
  const bytes = Buffer.from((await csr({ key: mine })).replace(/-----[^-]+-----/g, ""), "base64");
  const at = bytes.indexOf(spki(mine));
  expect(at).toBeGreaterThan(0);
  spki(stolen).copy(bytes, at);
  return pemBlock("CERTIFICATE REQUEST", bytes);
}

/** A request with an RSA key that nobody has: soon written, whereas making such a key takes seconds or minutes. Its signature is junk. */
function unprovenRsa(bits: number, exponent = 65_537): string {
  const modulus = Buffer.alloc(bits / 8 + 1, 0xff);
  modulus[0] = 0;
  const e = exponent === 65_537 ? [1, 0, 1] : [exponent];
  const rsa = sequence(element(0x02, modulus), element(0x02, Buffer.from(e)));
  const spki = sequence(Buffer.from("300d06092a864886f70d0101010500", "hex"), element(0x03, Buffer.from([0]), rsa));
  const info = sequence(element(0x02, Buffer.from([0])), sequence(), spki, element(0xa0));
  const signature = element(0x03, Buffer.alloc(bits / 8 + 1));
  return pemBlock(
    "CERTIFICATE REQUEST",
    sequence(info, Buffer.from("300d06092a864886f70d01010b0500", "hex"), signature),
  );
}

function nested(depth: number): Buffer {
  let bytes = sequence();
  for (let i = 0; i < depth; i++) bytes = sequence(bytes);
  return bytes;
}
