import type { TestMesh } from "./mesh.ts";

/** What an instance of e2e/apps/echo.mjs was sent since it started. */
export interface ServerStats {
  readonly requests: number;
  readonly byKey: Readonly<Record<string, number>>; // x-request-key
  readonly byPath: Readonly<Record<string, number>>;
  readonly byPort: Readonly<Record<string, number>>;
  readonly maxInFlight: number;
}

/** Asks the one pod behind `service`; this request does not count. */
export async function serverStats(mesh: TestMesh, pod: string, service: string): Promise<ServerStats> {
  const { answers } = await mesh.request(pod, `http://${service}/-/stats`);
  return answers[0]?.body as unknown as ServerStats;
}
