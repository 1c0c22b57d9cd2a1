import { Registry, Counter } from "prom-client";
import { createMonitoringServer } from "./monitoring.ts";

it("tells how it is, to anybody, and nothing else", async () => {
  const registry = new Registry();
  new Counter({ name: "seen_total", help: "seen", registers: [registry] }).inc();
  let ready = false;
  const server = createMonitoringServer({ ready: () => ready, metrics: registry }, { host: "127.0.0.1", port: 0 });
  const port = await server.start();
  const ask = async (path: string, init?: RequestInit): Promise<[number, string]> => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, init);
    return [answer.status, await answer.text()];
  };
  try {
    expect(await ask("/healthz")).toEqual([200, "ok\n"]);
    expect(await ask("/readyz")).toEqual([503, "not ready\n"]);
    ready = true;
    expect(await ask("/readyz")).toEqual([200, "ok\n"]);
    expect((await ask("/metrics"))[1]).toContain("seen_total 1");
    for (const path of ["/", "/api/v1/proxies", "/api/v1/ca", "/../metrics/x", "/debug/pprof"])
      expect((await ask(path))[0]).toBe(404);
    expect((await ask("/metrics", { method: "POST", body: "x".repeat(100_000) }))[0]).toBe(413);
  } finally {
    await server.stop();
  }
});
