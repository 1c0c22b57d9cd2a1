import { pino } from "pino";
import type { Clock } from "../lib/index.ts";
import type { ApiAnswer, ApiRequest } from "./api.ts";
import { createTokenReviewer, type ReviewerOptions } from "./reviewer.ts";
import { until } from "./testdata/until.ts";
import { statusFor, tokenWith } from "./testdata/tokens.ts";

const now = 1_700_000_000_000;
const claims = { aud: ["heddle"], exp: now / 1000 + 3600 };
const token = tokenWith(claims);
const identity = { trustDomain: "cluster.local", namespace: "shop", serviceAccount: "reviews", workload: "reviews-1" };

function setUp(more: Partial<ReviewerOptions> = {}) {
  const state = {
    now,
    calls: [] as ApiRequest[],
    answer: (): Promise<ApiAnswer> => Promise.resolve({ status: 201, body: { status: statusFor() } }),
    uid: undefined as string | undefined,
  };
  const clock: Clock = { now: () => state.now, after: () => () => undefined };
  const api = {
    call: (call: ApiRequest): Promise<ApiAnswer> => {
      state.calls.push(call);
      return state.answer();
    },
  };
  const log = pino({ level: "silent" });
  const podUid = (): string | undefined => state.uid;
  const reviewer = createTokenReviewer({ api, trustDomain: "cluster.local", clock, log, podUid, ...more });
  return { state, reviewer };
}

const refused = (status: string, message: string): object => ({
  refusal: { status, message: expect.stringContaining(message) as string },
});

it("knows a pod by its token, which is asked for with our audience", async () => {
  const { state, reviewer } = setUp();
  expect(await reviewer.authenticate(token)).toEqual({ identity });
  expect(state.calls).toEqual([
    {
      method: "POST",
      path: "/apis/authentication.k8s.io/v1/tokenreviews",
      body: { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec: { token, audiences: ["heddle"] } },
    },
  ]);
});

it.each([
  ["nothing", "", "no token"],
  ["a megabyte", "x".repeat(1 << 20), "longer than"],
  ["three million dots", ".".repeat(3_000_000), "longer than"],
  ["dots", "..", "not a JWT"],
  ["a null payload", tokenWith(null), "no payload"],
  ["a list as payload", tokenWith([]), "no payload"],
  ["a payload that is no JSON", "e30.e3.c2ln", "no payload"],
  ["another audience", tokenWith({ ...claims, aud: ["https://kubernetes.default.svc"] }), "audience"],
  ["no audience", tokenWith({ exp: claims.exp }), "audience"],
  ["a token of last year", tokenWith({ ...claims, exp: now / 1000 - 1 }), "expired"],
  ["a token for ever", tokenWith({ aud: "heddle", exp: "never" }), "never expires"],
])("turns %s away without asking the API server", async (_what, credential, message) => {
  const { state, reviewer } = setUp();
  expect(await reviewer.authenticate(credential)).toEqual(refused("UNAUTHENTICATED", message));
  expect(state.calls).toEqual([]);
});

it("asks once for those who come at the same time, and again after some seconds", async () => {
  const { state, reviewer } = setUp();
  const verdicts = await Promise.all([reviewer.authenticate(token), reviewer.authenticate(token)]);
  expect(verdicts).toEqual([{ identity }, { identity }]);
  await reviewer.authenticate(token);
  expect(state.calls).toHaveLength(1);
  state.now += 10_000;
  state.answer = () =>
    Promise.resolve({ status: 201, body: { status: { authenticated: false, error: "pod is gone" } } });
  expect(await reviewer.authenticate(token)).toEqual(refused("UNAUTHENTICATED", "gone"));
  expect(state.calls).toHaveLength(2);
});

it("keeps no verdict longer than the token lives", async () => {
  const { state, reviewer } = setUp();
  const short = tokenWith({ ...claims, exp: now / 1000 + 2 });
  await reviewer.authenticate(short);
  state.now += 2_000;
  expect(await reviewer.authenticate(short)).toEqual(refused("UNAUTHENTICATED", "expired"));
});

it("refuses a pod whose name another pod has now, at once", async () => {
  const { state, reviewer } = setUp();
  expect(await reviewer.authenticate(token)).toEqual({ identity });
  state.uid = "u-2";
  expect(await reviewer.authenticate(token)).toEqual(refused("UNAUTHENTICATED", "another has its name"));
  state.uid = "u-1";
  expect(await reviewer.authenticate(token)).toEqual({ identity });
});

it("asks again when the source has lost sight of the pod", async () => {
  const { state, reviewer } = setUp();
  state.uid = "u-1";
  await reviewer.authenticate(token);
  await reviewer.authenticate(token);
  expect(state.calls).toHaveLength(1);
  state.uid = undefined;
  state.answer = () => Promise.resolve({ status: 201, body: { status: {} } });
  expect(await reviewer.authenticate(token)).toEqual(refused("UNAUTHENTICATED", "gone"));
});

it("is unavailable while the API server is, and asks again for the next (F44)", async () => {
  const { state, reviewer } = setUp();
  const answer = state.answer;
  state.answer = () => Promise.reject(new Error("connect ECONNREFUSED"));
  expect(await reviewer.authenticate(token)).toEqual(refused("UNAVAILABLE", "cannot be reached"));
  state.answer = () => Promise.resolve({ status: 403, body: { message: "forbidden" } });
  expect(await reviewer.authenticate(token)).toEqual(refused("UNAVAILABLE", "at present"));
  state.answer = answer;
  expect(await reviewer.authenticate(token)).toEqual({ identity });
});

it("makes calls at a steady rate, and turns away who would wait too long", async () => {
  const { state, reviewer } = setUp({ perSecond: 1, burst: 3, queue: 2 });
  const tokens = [0, 1, 2, 3, 4, 5].map((n) => tokenWith({ ...claims, n }));
  const verdicts: unknown[] = [];
  for (const one of tokens) void reviewer.authenticate(one).then((verdict) => verdicts.push(verdict));
  await until(() => verdicts.length === 4);
  expect(state.calls).toHaveLength(3);
  expect(verdicts).toEqual([refused("UNAVAILABLE", "too many"), ...[{ identity }, { identity }, { identity }]]);
});
