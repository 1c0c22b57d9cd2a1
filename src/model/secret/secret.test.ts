import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { parse, stringify } from "yaml";
import { splitDocuments } from "../document/split.ts";
import { isSameObject, parseDocuments } from "../parse.ts";
import { told } from "../test-support.ts";

/** A key pair that was made for goldens. */
const golden = readFileSync(join(__dirname, "../../envoy/testdata/gateway/bytes/in.yaml"), "utf8");
const found = splitDocuments(golden).map(({ text }) => parse(text) as { kind?: string; stringData?: object });
const pair = found.find(({ kind }) => kind === "Secret")?.stringData as { "tls.crt": string; "tls.key": string };
const otherKey = generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey.export({
  type: "pkcs8",
  format: "pem",
});
const edKey = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" });

const labelled = (base64: string) => `-----BEGIN X509 CRL-----\n${base64}\n-----END X509 CRL-----\n`;

/** `openssl ca -gencrl`, of nobody. */
const revocations = labelled(
  `MIGmME4CAQEwCgYIKoZIzj0EAwIwDTELMAkGA1UEAwwCY2EXDTI2MTEyMjA4MzI0
OFoYDzIxMjYxMDI5MDgzMjQ4WqAOMAwwCgYDVR0UBAMCAQEwCgYIKoZIzj0EAwID
SAAwRQIhAPN5fJAPwtAklj7XZFLg9qkNOZNBpwaDjROtrsn/ZTPcAiBNuN0haPNI
pTC+VlQ64ZB/A5nDyAdVCbYkjlxR07/mLw==`,
);

const check = (fields: object) =>
  parseDocuments(stringify({ apiVersion: "v1", kind: "Secret", metadata: { name: "it" }, ...fields }), "it.yaml");
const tls = { type: "kubernetes.io/tls" };

function specOf(fields: object) {
  const [object] = check(fields).objects;
  if (object?.kind !== "Secret") throw new Error("no Secret");
  return object;
}

it("reads both forms of data and both families of names, and shows the key to nobody by accident", () => {
  const data = Object.fromEntries(
    Object.entries(pair).map(([name, text]) => [name, Buffer.from(text).toString("base64")]),
  );
  const secrets = [
    specOf({ ...tls, data }),
    specOf({ ...tls, stringData: pair }),
    specOf({ stringData: { cert: pair["tls.crt"], key: pair["tls.key"], cacert: pair["tls.crt"] } }),
  ];
  for (const secret of secrets) {
    expect(secret.spec.keyPair?.privateKey.reveal()).toBe(pair["tls.key"]);
    const shown = [
      JSON.stringify(secret.spec),
      inspect(secret.spec, { depth: 9 }),
      secret.spec.keyPair?.privateKey.toString(),
    ];
    expect(shown.join()).not.toContain("PRIVATE");
    expect(Object.isFrozen(secret.spec.keyPair)).toBe(true);
  }
  expect(secrets[2]?.spec.roots).toBe(pair["tls.crt"]);
});

it.each([
  ["a key of another certificate", { ...pair, "tls.key": otherKey }, "HED216 stringData.tls.crt"],
  ["a kind of key that Envoy does not serve", { ...pair, "tls.key": edKey }, "HED216 stringData.tls.crt"],
  ["no key in PEM", { ...pair, "tls.key": "hunter2" }, "HED216 stringData.tls.crt"],
  ["no certificate", { "tls.key": pair["tls.key"] }, "HED111 data"],
  ["roots that are none", { ...pair, "ca.crt": "hunter2" }, "HED216 stringData.ca.crt"],
  ["revocations that are none", { ...pair, "ca.crl": "hunter2" }, "HED216 stringData.ca.crl"],
  ["revocations of another label", { ...pair, "ca.crl": pair["tls.crt"] }, "HED216 stringData.ca.crl"],
  ["revocations that cannot be read", { ...pair, "ca.crl": labelled("aHVudGVyMg==") }, "HED216 stringData.ca.crl"],
  ["revocations cut off", { ...pair, "ca.crl": revocations.replace(/SAAw.*\n/, "") }, "HED216 stringData.ca.crl"],
])("refuses %s, without a word of it", (_what, stringData, problem) => {
  const { problems, objects } = check({ ...tls, stringData });
  expect(told(problems)).toContain(problem);
  expect(objects).toEqual([]);
  expect(JSON.stringify(problems)).not.toMatch(/hunter2|PRIVATE/);
});

it("takes revocations, and says what stands there instead", () => {
  expect(specOf({ ...tls, stringData: { ...pair, "ca.crl": revocations } }).spec.crl).toBe(revocations);
  const { problems } = check({ ...tls, stringData: { ...pair, "ca.crl": pair["tls.crt"] } });
  expect(problems.map(({ message }) => message)).toEqual([
    "there is no revocation list in PEM (BEGIN X509 CRL), but a CERTIFICATE",
  ]);
});

it("never leaves out revocations of roots that it takes, whatever the type and the names", () => {
  const { objects, problems } = check({ stringData: { cacert: pair["tls.crt"], crl: "hunter2" } });
  expect(told(problems)).toEqual(["HED216 stringData.crl"]);
  expect(objects).toEqual([]);
});

it("warns of a text under a name of TLS's that is not PEM", () => {
  const { problems, objects } = check({ stringData: { "tls.crt": "hunter2", "tls.key": "hunter2", "ca.crt": "" } });
  expect(told(problems, "warning")).toEqual(["HED216 stringData.tls.crt", "HED216 stringData.tls.key"]);
  expect(objects).toHaveLength(1);
  expect(JSON.stringify(problems)).not.toContain("hunter2");
});

it("leaves Secrets for other purposes alone", () => {
  const { problems, objects } = check({ stringData: { password: "hunter2", key: "hunter2", cert: "hunter2" } });
  expect(problems).toEqual([]);
  expect(JSON.stringify(objects.map(({ spec }) => spec))).toBe('[{"type":"Opaque"}]');
});

it("tells two keys apart", () => {
  const key = (text: string) => specOf({ stringData: { cert: pair["tls.crt"], key: text } });
  expect(isSameObject(key(pair["tls.key"]), key(pair["tls.key"]))).toBe(true);
  expect(isSameObject(key(pair["tls.key"]), key(`${pair["tls.key"]}\n`))).toBe(false);
});
