import { claimsJoinToken, type Authenticator, type JoinTokens } from "../../ca/index.ts";

/** Pods come with the token of their service account, workloads outside the cluster with a join token: each is asked of whom it claims to be from. */
export function byKindOfToken(pods: Authenticator, tokens: JoinTokens): Authenticator {
  return {
    authenticate: (credential) => (claimsJoinToken(credential) ? tokens : pods).authenticate(credential),
  };
}
