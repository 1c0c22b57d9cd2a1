import { status, type Metadata } from "@grpc/grpc-js";
import type { Authenticator, Identity } from "../ca/index.ts";

/** A gRPC status that a stream ends with. */
export interface Ending {
  readonly code: status;
  readonly details: string;
}

const scheme = "bearer ";
const longest = 16 * 1024;

/**
 * Who calls, by the request header `authorization: Bearer <token>`, before a byte of the request is read.
 * No credential is an answer of its own: it is the commonest mistake in a bootstrap. Never throws; nothing it gives holds the token.
 */
export async function authenticate(
  authenticator: Authenticator,
  metadata: Metadata,
): Promise<{ identity: Identity } | { ending: Ending }> {
  const [header, ...more] = metadata.get("authorization");
  if (header === undefined) return { ending: unauthenticated("no authorization header: a bearer token is needed") };
  const text = header.toString();
  if (more.length > 0 || text.length > longest || text.slice(0, scheme.length).toLowerCase() !== scheme) {
    return { ending: unauthenticated("the authorization header is not one bearer token") };
  }
  try {
    const verdict = await authenticator.authenticate(text.slice(scheme.length).trim());
    if ("identity" in verdict) return verdict;
    return { ending: { code: status[verdict.refusal.status], details: verdict.refusal.message } };
  } catch {
    return { ending: { code: status.UNAVAILABLE, details: "credentials cannot be checked at present" } };
  }
}

function unauthenticated(details: string): Ending {
  return { code: status.UNAUTHENTICATED, details };
}
