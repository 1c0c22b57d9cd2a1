/** Just enough DER to put a certificate together from parts that are encoded already. https://www.itu.int/rec/T-REC-X.690 */

const tags = { integer: 0x02, bitString: 0x03, utcTime: 0x17, generalizedTime: 0x18, sequence: 0x30 };

/** One element: tag, length, content. */
export function element(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const length = content.reduce((sum, part) => sum + part.length, 0);
  const bytes = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  if (length > 0xffff) throw new RangeError("a DER element of more than 64 KiB");
  return Buffer.concat([Buffer.from([tag, ...bytes]), ...content]);
}

/** SEQUENCE */
export function sequence(...content: readonly Uint8Array[]): Buffer {
  return element(tags.sequence, ...content);
}

/** A positive INTEGER from its bytes in hex; the first bit must be 0 and the first byte must not. */
export function integer(hex: string): Buffer {
  return element(tags.integer, Buffer.from(hex, "hex"));
}

/** BIT STRING of whole bytes. */
export function bitString(bytes: Uint8Array): Buffer {
  return element(tags.bitString, Buffer.from([0]), bytes);
}

/** A time as RFC 5280 4.1.2.5 wants it, of whole seconds: UTCTime until 2049, GeneralizedTime from 2050. `ms` since the epoch. */
export function time(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/\.\d+|[-:T]/g, ""); // 20261121223824Z
  if (digits < "2050") return element(tags.utcTime, Buffer.from(digits.slice(2), "ascii"));
  return element(tags.generalizedTime, Buffer.from(digits, "ascii"));
}

/** A PEM block, 64 characters a line. */
export function pemBlock(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
