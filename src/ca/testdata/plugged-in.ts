import { openIn, makeCertificate, pkcs8, temporaryFolder, writePluggedIn, type Made } from "./authority.ts";
import type { KeyRing, PluggedInFiles } from "../types.ts";

/** Three CAs, each signed by the one before it, and what a test writes of them. */
export interface PluggedInCa {
  readonly root: Made;
  readonly intermediate: Made;
  readonly signing: Made;
  /** The files of `signing` with its way to the root, but for the texts that are given. */
  plugIn(parts: PluggedInTexts): Promise<PluggedInFiles>;
  /** A key ring on such files. */
  openWith(parts: PluggedInTexts): Promise<KeyRing>;
  /** A folder that is gone after the test. */
  folder(): Promise<string>;
}

export type PluggedInTexts = Partial<{ certificate: string; key: string; root: string; chain: string }>;

/** The CAs of a test file; the returned function gives them, inside of tests. Each test's files are gone after it. */
export function pluggedInForSuite(): () => PluggedInCa {
  const cleanups: (() => Promise<unknown>)[] = [];
  let made: PluggedInCa | undefined;
  const folder = (): Promise<string> => temporaryFolder(cleanups);
  beforeAll(async () => {
    const root = await makeCertificate({ name: "CN=root" });
    const intermediate = await makeCertificate({ name: "CN=intermediate", issuer: root });
    const signing = await makeCertificate({ name: "CN=mesh", issuer: intermediate });
    const usual = { certificate: signing.pem + intermediate.pem, key: pkcs8(signing.key), root: root.pem };
    const plugIn = async (parts: PluggedInTexts): Promise<PluggedInFiles> =>
      writePluggedIn(await folder(), { ...usual, ...parts });
    const openWith = async (parts: PluggedInTexts): Promise<KeyRing> =>
      openIn(await folder(), { pluggedIn: await plugIn(parts) });
    made = { root, intermediate, signing, plugIn, openWith, folder };
  });
  afterEach(async () => {
    for (const clean of cleanups.splice(0)) await clean();
  });
  return () => {
    if (!made) throw new Error("the CAs of this file are not made yet");
    return made;
  };
}
