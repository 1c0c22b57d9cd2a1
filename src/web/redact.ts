/** Envoy's own mark for what it hides: https://www.envoyproxy.io/docs/envoy/latest/operations/admin#get--config_dump */
const mark = "[redacted]";

/** Fields that Envoy's API marks sensitive, in both spellings of proto JSON, without underscores. */
const sensitive = new Set([
  "privatekey", // TlsCertificate
  "pkcs12",
  "password",
  "keys", // TlsSessionTicketKeys; not the label names of a subset selector
  "secret", // GenericSecret
  "secrets",
  "clientsecret",
  "hmacsecret",
  "tokensecret",
]);
const keyPem = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;
const bytes = /^[A-Za-z0-9+/_-]{64,}={0,2}$/; // proto JSON writes bytes as base64; a PEM key is longer than that

/** A copy of a proto JSON value without its keys and passwords: by the field's name, and by what a text looks like wherever it stands. */
export function redacted(value: unknown): unknown {
  if (typeof value === "string") return holdsKey(value) ? mark : value;
  if (Array.isArray(value)) return value.map(redacted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      name,
      isSensitive(name, field) ? redactedDeep(field) : redacted(field),
    ]),
  );
}

function isSensitive(name: string, field: unknown): boolean {
  if (name === "keys" && Array.isArray(field) && field.every((one) => typeof one === "string")) return false;
  return sensitive.has(name.replaceAll("_", "").toLowerCase());
}

/** Keeps the shape (a file name, an SDS name), hides the bytes. */
function redactedDeep(value: unknown): unknown {
  if (typeof value === "string") return mark;
  if (Array.isArray(value)) return value.map(redactedDeep);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, named.has(name) ? field : redactedDeep(field)]),
  );
}

/** Of a sensitive field, what may be shown: where it comes from. */
const named = new Set(["filename", "name", "sdsConfig", "sds_config", "environmentVariable", "environment_variable"]);

function holdsKey(text: string): boolean {
  if (keyPem.test(text)) return true;
  return bytes.test(text) && keyPem.test(Buffer.from(text, "base64").toString("latin1"));
}
