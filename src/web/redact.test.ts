import fc from "fast-check";
import { redacted } from "./redact.ts";
import { privateKey } from "./testdata/sources.ts";

const base64 = (text: string): string => Buffer.from(text).toString("base64");

describe("redaction", () => {
  it.each([
    ["by camel case", { privateKey: { inlineString: "x" } }, { privateKey: { inlineString: "[redacted]" } }],
    ["by snake case", { private_key: { inline_bytes: "eA==" } }, { private_key: { inline_bytes: "[redacted]" } }],
    ["ticket keys", { keys: [{ inlineBytes: "a" }] }, { keys: [{ inlineBytes: "[redacted]" }] }],
    ["not the labels of a subset", { keys: ["version"] }, { keys: ["version"] }],
    [
      "a generic secret",
      { genericSecret: { secret: { inlineString: "Bearer abc" } } },
      { genericSecret: { secret: { inlineString: "[redacted]" } } },
    ],
    ["a password", { password: { inlineString: "p" } }, { password: { inlineString: "[redacted]" } }],
    [
      "not the file it comes from",
      { privateKey: { filename: "/etc/key.pem" } },
      { privateKey: { filename: "/etc/key.pem" } },
    ],
    [
      "not what is public",
      { certificateChain: { inlineString: "chain" }, n: 1, b: true, z: null },
      { certificateChain: { inlineString: "chain" }, n: 1, b: true, z: null },
    ],
    ["a key in a field of any name", { note: `see ${privateKey}` }, { note: "[redacted]" }],
    ["a key as bytes", [{ inlineBytes: base64(privateKey) }], [{ inlineBytes: "[redacted]" }]],
    ["a key inside an encoded message", { value: base64(`\n\x08type.url\x12${privateKey}`) }, { value: "[redacted]" }],
  ])("%s", (_what, value, expected) => {
    expect(redacted(value)).toEqual(expected);
  });

  it("no key survives, wherever it stands", () => {
    const canary = privateKey.split("\n")[1]!;
    const withKey = fc.letrec((tie) => ({
      node: fc.oneof(
        { depthSize: "small" },
        fc.constant<unknown>(privateKey),
        fc.constant<unknown>(base64(privateKey)),
        fc.string(),
        fc.array(tie("node")),
        fc.dictionary(fc.string(), tie("node")),
      ),
    })).node;
    fc.assert(
      fc.property(withKey, (value) => {
        const text = JSON.stringify(redacted(value)) ?? "";
        expect(text).not.toContain(canary);
        expect(text).not.toContain(base64(privateKey).slice(100, 140));
      }),
    );
  });
});
