import { analytics, applySample, type Step } from "./step.ts";

/** What the sample app says that it was sent. */
interface Echo {
  readonly attempt?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Retries: each of three replicas fails a call's first attempt there; a retry goes to a replica that was not tried yet. */
export const retries: Step = {
  name: "retries",
  expected: "each replica fails once: 100 of 100 calls answered, after 1 to 3 retries",
  run: async (mesh) => {
    await applySample(mesh, "40-retries.yaml");
    const headers = { "x-fail": "1", "x-request-key": "demo-{n}" };
    const { answers, ok, count } = await mesh.request("web-1", analytics, {
      count: 100,
      concurrency: 5,
      keep: 100,
      headers,
    });
    const attempts = answers.map(({ body }) => Number((body as Echo | undefined)?.headers?.["x-envoy-attempt-count"]));
    const by = (attempt: number): number => attempts.filter((seen) => seen === attempt).length;
    const pass = ok === count && by(2) + by(3) + by(4) === count && by(4) > 0;
    return { measured: `${ok} of ${count} answered; attempt 2: ${by(2)}, 3: ${by(3)}, 4: ${by(4)}`, pass };
  },
};

/** Circuit breaker: one connection and one waiting request; twenty callers at once overflow it, and afterwards it closes again. */
export const breaker: Step = {
  name: "circuit breaker",
  expected: "20 at once: some refused with UO, none lost; then all pass",
  run: async (mesh) => {
    await applySample(mesh, "50-circuit-breaker.yaml");
    const flood = await mesh.request("web-1", analytics, {
      count: 200,
      concurrency: 20,
      keep: 0,
      headers: { "x-delay": "50" },
    });
    const refused = flood.byStatus["503"] ?? 0;
    const after = await mesh.request("web-1", analytics, { count: 20, concurrency: 1, keep: 0 });
    const stats = await mesh.envoyStats("web-1", "analytics-service.*upstream_(rq_pending|cx|rq_retry)_overflow");
    const overflow = Object.values(stats).reduce((sum, value) => sum + value, 0);
    const pass =
      refused > 0 && flood.ok > 0 && refused + flood.ok === flood.count && after.ok === after.count && overflow > 0;
    return {
      measured: `${refused} of ${flood.count} refused (overflow ${overflow}); then ${after.ok} of ${after.count}`,
      pass,
    };
  },
};

/** Defaults that name no service: 80-mesh-defaults.yaml asks for four retries of a 503, everywhere. */
export const defaults: Step = {
  name: "mesh-wide defaults",
  expected: "no service named: upstream fails 4 times, attempt 5 answers",
  run: async (mesh) => {
    await applySample(mesh, "80-mesh-defaults.yaml");
    const { answers, ok, count } = await mesh.request("web-1", "http://catalog-01:8080/", {
      count: 50,
      concurrency: 2,
      keep: 50,
      headers: { "x-fail": "4", "x-request-key": "defaults-{n}" },
    });
    const fifth = answers.filter(({ body }) => (body as Echo | undefined)?.attempt === 5).length;
    return { measured: `${ok} of ${count} answered, ${fifth} by attempt 5`, pass: ok === count && fifth === count };
  },
};

const liveIn = /live in (\d+) of (\d+) Envoys after (\d+) ms/;

/** One circuit breaker for every service: the command that applied it says when it is live in each Envoy. */
export const everywhere: Step = {
  name: "live everywhere",
  expected: "one policy acknowledged by at least 20 Envoys",
  run: async (mesh) => {
    const said = await applySample(mesh, "70-circuit-breaker-everywhere.yaml");
    const [, live, all, ms] = liveIn.exec(said) ?? [];
    return { measured: `live in ${live} of ${all} Envoys after ${ms} ms`, pass: live === all && Number(live) >= 20 };
  },
};
