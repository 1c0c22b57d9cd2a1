import { generateKeyPairSync } from "node:crypto";
import { Registry, Counter } from "prom-client";
import { pino } from "pino";
import { createAdminApp } from "../server.ts";
import type { AdminSources, ConfigResource, LiveReport, ProxyStatus } from "../types.ts";

export const token = "t".repeat(43);
export const silent = pino({ level: "silent" });

export const privateKey = generateKeyPairSync("ec", {
  namedCurve: "P-256",
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
}).privateKey;

export const proxy: ProxyStatus = {
  name: "reviews-v1.shop",
  identity: "spiffe://cluster.local/ns/shop/sa/reviews",
  connectedAt: 1_800_000_000_000,
  state: "synced",
  types: [{ type: "cds", state: "synced", version: "abc" }],
  nacks: [],
};

const resources: readonly ConfigResource[] = [
  { type: "clusters", name: "outbound|80||reviews", version: "1", resource: { "@type": "type.googleapis.com/envoy.config.cluster.v3.Cluster" } },
  {
    type: "secrets",
    name: "default",
    version: "2",
    resource: { name: "default", tlsCertificate: { certificateChain: { inlineString: "chain" }, privateKey: { inlineString: privateKey } } },
  },
];

export const live: LiveReport = { revision: "2", ms: 12, proxies: [{ name: proxy.name, ms: 12 }], pending: [], nacks: [] };

const metrics = new Registry();
new Counter({ name: "heddle_test_total", help: "a counter", registers: [metrics] });

/** Sources of a mesh with one proxy; what a test does not care about. */
export function sources(more: Partial<AdminSources> = {}): AdminSources {
  return {
    proxies: () => [proxy],
    config: (name, type) => (name === proxy.name ? resources.filter((one) => !type || one.type === type) : undefined),
    problems: () => [{ code: "HED101", level: "error", message: "unknown field" }],
    objects: () => [{ kind: "VirtualService", namespace: "shop", name: "reviews", file: "a.yaml", line: 1, problems: 0 }],
    apply: () => Promise.resolve({ written: true, revision: "2", objects: [], problems: [] }),
    live: () => Promise.resolve(live),
    createToken: () => Promise.resolve({ token: "a.b.c", expiresAt: 1 }),
    ca: { trustDomain: "cluster.local", bundle: () => "" },
    metrics,
    ready: () => true,
    ...more,
  };
}

/** The routes over these sources, and a way to ask as the CLI does. */
export function app(more: Partial<AdminSources> = {}, options: { openMetrics?: boolean; log?: typeof silent } = {}) {
  const made = createAdminApp(sources(more), { token, log: silent, ...options });
  const authorization = `Bearer ${token}`;
  return { ...made, headers: { host: "127.0.0.1:15080", authorization } };
}
