import fc from "fast-check";
import { element, pemBlock, time } from "./der.ts";

const year = (y: number): number => Date.UTC(y, 0, 1);

describe("DER", () => {
  it.each([0, 127, 128, 255, 256, 65_535])("writes the length %i in its shortest form", (length) => {
    const bytes = element(0x04, Buffer.alloc(length));
    const head = bytes.length - length;
    expect(head).toBe(length < 128 ? 2 : length < 256 ? 3 : 4);
    const said = head === 2 ? bytes[1] : bytes.readUIntBE(2, head - 2);
    expect(said).toBe(length);
  });

  it("refuses what its length form cannot say", () => {
    expect(() => element(0x04, Buffer.alloc(65_536))).toThrow(RangeError);
  });

  it("writes times as RFC 5280 wants them", () => {
    expect(time(Date.UTC(2049, 11, 31, 23, 59, 59)).toString("latin1")).toBe("\x17\x0d491231235959Z");
    expect(time(year(2050)).toString("latin1")).toBe("\x18\x0f20500101000000Z");
    expect(time(Date.UTC(2026, 10, 21, 22, 38, 24, 999)).toString("latin1")).toBe("\x17\x0d261121223824Z");
  });

  it("wraps PEM at 64 characters and loses nothing", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 400 }), (bytes) => {
        const lines = pemBlock("X", bytes).trimEnd().split("\n");
        const body = lines.slice(1, -1);
        expect(body.every((line) => line.length <= 64)).toBe(true);
        expect([...Buffer.from(body.join(""), "base64")]).toEqual([...bytes]);
      }),
    );
  });
});
