import { ecKey, identity, openIn, pkcs8, recordedLog } from "./testdata/authority.ts";
import { pluggedInForSuite } from "./testdata/plugged-in.ts";

const ca = pluggedInForSuite();

describe("F52: no key gets out", () => {
  it("by the log or by an error", async () => {
    const { log, text } = recordedLog();
    const dir = await ca().folder();
    const ring = await openIn(dir, { log });
    const leaf = await ring.issue(identity);
    const made = await ring.tokens.createToken({ namespace: "shop", serviceAccount: "reviews", ttlMs: 60_000 });
    if (!("token" in made)) throw new Error(made.refused);
    log.info({ ring }, "the ring itself");
    const messages: string[] = [];
    const note = (error: unknown): void =>
      void messages.push(String(error), String((error as Error).stack), JSON.stringify(error));
    // A key cut in half, a key where a certificate belongs: what a parser says of it must not quote it.
    const key = pkcs8(ca().signing.key);
    for (const parts of [
      { key: key.slice(0, 120) },
      { certificate: key },
      { root: key },
      { key: pkcs8(ecKey()) },
      { key: `${key}junk` },
    ]) {
      const pluggedIn = await ca().plugIn(parts);
      await openIn(await ca().folder(), { pluggedIn, log }).catch(note);
    }
    await ring.tokens.authenticate(`${made.token}x`).then((answer) => messages.push(JSON.stringify(answer)));
    await ring.signCsr(identity, key).then((answer) => messages.push(JSON.stringify(answer)));
    expect(messages.length).toBeGreaterThan(8);
    const canaries = [leaf.privateKey, key, made.token].map((secret) =>
      secret.replace(/-----[^\n]*\n/, "").slice(0, 40),
    );
    for (const canary of canaries) expect(messages.join("\n") + text()).not.toContain(canary);
    expect(text()).toContain("CA opened");
  });
});
