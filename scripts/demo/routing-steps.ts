import { analytics, applySample, isShare, links, percent, type Step } from "./step.ts";

/** Canary: 2,000 requests, 5 % of them to the canary. */
export const canary: Step = {
  name: "canary",
  expected: "95 % stable, 5 % canary of 2,000 requests",
  run: async (mesh) => {
    await applySample(mesh, "10-canary.yaml");
    const { ok, count, byVersion } = await mesh.request("web-1", links, { count: 2_000, concurrency: 10, keep: 0 });
    const hits = byVersion["canary"] ?? 0;
    const pass = ok === count && isShare(hits, count, 0.05) && hits + (byVersion["stable"] ?? 0) === count;
    return { measured: `${percent(byVersion["stable"] ?? 0, count)} stable, ${percent(hits, count)} canary`, pass };
  },
};

/** Delay: every tenth call waits 5 s, the others do not. */
export const delay: Step = {
  name: "fault: delay",
  expected: "5 s on 10 % of 500 calls",
  run: async (mesh) => {
    await applySample(mesh, "20-fault-delay.yaml");
    const { ok, count, durations } = await mesh.request("web-1", analytics, { count: 500, concurrency: 50, keep: 0 });
    const late = durations.filter((ms) => ms >= 4_900);
    const shortest = Math.min(...late) / 1_000;
    const pass = ok === count && isShare(late.length, count, 0.1) && shortest >= 4.99;
    return { measured: `${percent(late.length, count)} delayed, by ${shortest.toFixed(2)} s at least`, pass };
  },
};

/** Abort: every tenth call is answered with 503 by the caller's own sidecar. */
export const abort: Step = {
  name: "fault: abort",
  expected: "503 on 10 % of 1,000 calls",
  run: async (mesh) => {
    await applySample(mesh, "25-fault-abort.yaml");
    const { count, ok, byStatus } = await mesh.request("web-1", analytics, { count: 1_000, concurrency: 10, keep: 0 });
    const aborted = byStatus["503"] ?? 0;
    return {
      measured: `${percent(aborted, count)} answered 503`,
      pass: isShare(aborted, count, 0.1) && ok + aborted === count,
    };
  },
};

/** Header routing: who is a beta user gets beta, and nobody else does. */
export const header: Step = {
  name: "header routing",
  expected: "X-Beta-User: true → 100 % beta; others none",
  run: async (mesh) => {
    await applySample(mesh, "30-header-routing.yaml");
    const options = { count: 300, concurrency: 10, keep: 0 };
    const users = await mesh.request("web-1", links, { ...options, headers: { "x-beta-user": "true" } });
    const others = await mesh.request("web-1", links, options);
    const beta = users.byVersion["beta"] ?? 0;
    const strays = others.byVersion["beta"] ?? 0;
    const pass = beta === users.count && strays === 0 && others.ok === others.count;
    return { measured: `${percent(beta, users.count)} beta; others ${strays} of ${others.count}`, pass };
  },
};
