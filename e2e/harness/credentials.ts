import { openAuthority, type KeyRing } from "../../src/ca/index.ts";
import { createLog, systemClock } from "../../src/lib/index.ts";
import type { Credentials } from "./static-bootstrap.ts";

/** A CA of its own for a test, in a folder of the test's. */
export function openTestAuthority(dir: string, trustDomain = "cluster.local"): Promise<KeyRing> {
  return openAuthority({ dir, trustDomain, clock: systemClock, log: createLog("silent") });
}

/** What a workload of namespace `default` with this service account would get by SDS. */
export async function credentialsOf(authority: KeyRing, serviceAccount: string): Promise<Credentials> {
  const { trustDomain } = authority;
  const leaf = await authority.issue({ trustDomain, namespace: "default", serviceAccount });
  return { certificate: leaf.certificateChain, privateKey: leaf.privateKey, roots: authority.bundle() };
}
