import { pod, statusFor } from "./testdata/tokens.ts";
import { parseReview } from "./token-review.ts";

const review = (status: unknown, code = 201) => parseReview({ status: code, body: { status } }, "heddle");

it("finds the pod, and the service account it runs as", () => {
  expect(review(statusFor())).toEqual({ pod });
});

// F43, and the holes of others that we close: whatever is missing, nobody is let in.
it.each([
  ["no status", undefined, "UNAUTHENTICATED"],
  ["a null status", null, "UNAUTHENTICATED"],
  ["a list as status", [], "UNAUTHENTICATED"],
  ["not authenticated", statusFor({ authenticated: false }), "UNAUTHENTICATED"],
  ["authenticated in quotes", statusFor({ authenticated: "true" }), "UNAUTHENTICATED"],
  ["no audiences", statusFor({ audiences: undefined }), "UNAUTHENTICATED"],
  ["empty audiences", statusFor({ audiences: [] }), "UNAUTHENTICATED"],
  ["another audience", statusFor({ audiences: ["https://kubernetes.default.svc"] }), "UNAUTHENTICATED"],
  ["an audience that only contains ours", statusFor({ audiences: "not heddle" }), "UNAUTHENTICATED"],
  ["no user", { authenticated: true, audiences: ["heddle"] }, "PERMISSION_DENIED"],
  ["a user that is no service account", statusFor({ user: { username: "admin" } }), "PERMISSION_DENIED"],
  ["a user with one part more", statusFor({ user: { username: "system:serviceaccount:a:b:c" } }), "PERMISSION_DENIED"],
  ["a node", statusFor({ user: { username: "system:node:a" } }), "PERMISSION_DENIED"],
  [
    "a user name with a line break",
    statusFor({ user: { username: "system:serviceaccount:a:b\n" } }),
    "PERMISSION_DENIED",
  ],
  ["no extra", statusFor({ user: { extra: undefined } }), "PERMISSION_DENIED"],
  ["extra that is null", statusFor({ user: { extra: null } }), "PERMISSION_DENIED"],
  ["no pod name", statusFor({ extra: { "authentication.kubernetes.io/pod-name": undefined } }), "PERMISSION_DENIED"],
  ["an empty list of pods", statusFor({ extra: { "authentication.kubernetes.io/pod-name": [] } }), "PERMISSION_DENIED"],
  ["two pods", statusFor({ extra: { "authentication.kubernetes.io/pod-name": ["a", "b"] } }), "PERMISSION_DENIED"],
  [
    "a pod as text",
    statusFor({ extra: { "authentication.kubernetes.io/pod-name": "reviews-1" } }),
    "PERMISSION_DENIED",
  ],
  [
    "a pod with a slash",
    statusFor({ extra: { "authentication.kubernetes.io/pod-name": ["a/b"] } }),
    "PERMISSION_DENIED",
  ],
  ["no pod uid", statusFor({ extra: { "authentication.kubernetes.io/pod-uid": [] } }), "PERMISSION_DENIED"],
  ["an empty pod uid", statusFor({ extra: { "authentication.kubernetes.io/pod-uid": [""] } }), "PERMISSION_DENIED"],
])("refuses an answer with %s", (_what, status, expected) => {
  expect(review(status)).toMatchObject({ refusal: { status: expected } });
});

it.each([200, 201])("takes the answer with status %d", (code) => {
  expect(review(statusFor(), code)).toEqual({ pod });
});

it.each([0, 202, 400, 401, 403, 404, 429, 500, 503])("knows nothing where the server answers %d", (code) => {
  expect(review(statusFor(), code)).toMatchObject({ refusal: { status: "UNAVAILABLE" } });
});
