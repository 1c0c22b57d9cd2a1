/** A token with these claims that nobody signed. */
export function tokenWith(claims: unknown): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "RS256" })}.${part(claims)}.c2ln`;
}

export const pod = { namespace: "shop", serviceAccount: "reviews", pod: "reviews-1", podUid: "u-1" };

/** The status of a TokenReview for the token of `pod`. */
export function statusFor(changes: { user?: object; extra?: object; [name: string]: unknown } = {}): object {
  const { user, extra, ...rest } = changes;
  return {
    authenticated: true,
    audiences: ["heddle"],
    user: {
      username: "system:serviceaccount:shop:reviews",
      extra: {
        "authentication.kubernetes.io/pod-name": ["reviews-1"],
        "authentication.kubernetes.io/pod-uid": ["u-1"],
        ...extra,
      },
      ...user,
    },
    ...rest,
  };
}
