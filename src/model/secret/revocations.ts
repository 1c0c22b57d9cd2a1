const block = /-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \1-----/g;
const label = "X509 CRL";

/**
 * Why Envoy would find no revocation list here; undefined if it would. It passes over whatever has another label, and then refuses every
 * client, since nothing says of any certificate that it still counts. https://www.rfc-editor.org/rfc/rfc7468#section-6
 */
export function faultOfRevocations(pem: string): string | undefined {
  const blocks = [...pem.matchAll(block)];
  const lists = blocks.filter(([, name]) => name === label);
  if (lists.length === 0) {
    const [, other] = blocks[0] ?? [];
    return `there is no revocation list in PEM (BEGIN ${label})${other === undefined ? "" : `, but a ${other.slice(0, 40)}`}`;
  }
  return lists.every(([, , body = ""]) => isRevocationList(body)) ? undefined : "a revocation list cannot be read";
}

/** A CertificateList is a sequence of what is signed, the algorithm and the signature: https://www.rfc-editor.org/rfc/rfc5280#section-5.1 */
function isRevocationList(base64: string): boolean {
  const text = base64.replace(/\s+/g, "");
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return false;
  const outer = elementsOf(Buffer.from(text, "base64"));
  const [list] = outer ?? [];
  if (outer?.length !== 1 || list?.tag !== sequence) return false;
  return (elementsOf(list.content) ?? []).map(({ tag }) => tag).join() === `${sequence},${sequence},${bitString}`;
}

const sequence = 0x30;
const bitString = 0x03;

interface Element {
  readonly tag: number;
  readonly content: Buffer;
}

/** The DER elements that stand one after the other; undefined where they do not fill the bytes. */
function elementsOf(bytes: Buffer): readonly Element[] | undefined {
  const found: Element[] = [];
  for (let at = 0; at < bytes.length;) {
    const header = headerAt(bytes, at);
    if (!header || header.start + header.length > bytes.length) return undefined;
    const { start, length } = header;
    found.push({ tag: bytes[at] ?? 0, content: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return found;
}

function headerAt(bytes: Buffer, at: number): { readonly start: number; readonly length: number } | undefined {
  const short = bytes[at + 1];
  if (short === undefined) return undefined;
  if (short < 0x80) return { start: at + 2, length: short };
  const count = short - 0x80;
  if (count < 1 || count > 4 || at + 2 + count > bytes.length) return undefined;
  return { start: at + 2 + count, length: bytes.readUIntBE(at + 2, count) };
}
