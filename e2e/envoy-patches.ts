import { echoPod, echoService, meshForSuite, policy, type Answer, type TestMesh } from "./harness/index.ts";

/** What goes into the `typed_config` of a filter of Envoy's: `type` is what follows `envoy.extensions.filters.` */
export function typed(type: string, more: object = {}): { readonly typed_config: object } {
  return { typed_config: { "@type": `type.googleapis.com/envoy.extensions.filters.${type}`, ...more } };
}

/** One entry of an EnvoyFilter's `configPatches`. */
export function patch(applyTo: string, operation: string, match: object, value?: object): object {
  return { applyTo, match, patch: { operation, ...(value && { value }) } };
}

/** YAML of an EnvoyFilter for the pods of an app. */
export function patches(app: string, configPatches: readonly object[]): string {
  const metadata = { name: "patches", namespace: "default" };
  const spec = { workloadSelector: { labels: { app } }, configPatches };
  return `---\n${JSON.stringify({ apiVersion: "networking.istio.io/v1alpha3", kind: "EnvoyFilter", metadata, spec })}\n`;
}

/** A client and a server of two HTTP ports and a TCP port, whose EnvoyFilters a test may change. */
export interface PatchedMesh {
  readonly mesh: () => TestMesh;
  /** One EnvoyFilter for the pods of an app, in place of all that other tests have applied. */
  apply(this: void, app: string, ...configPatches: object[]): Promise<void>;
  /** What the client is answered, on a connection of its own. */
  ask(this: void, path?: string, more?: { port?: number; host?: string }): Promise<Answer>;
  /** The sum of the statistics of a pod's Envoy with such a name. */
  stat(this: void, pod: string, name: string): Promise<number>;
}

/** Starts it before a suite's tests, and ends it after them. */
export function patchedMesh(): PatchedMesh {
  const mesh = meshForSuite({
    yaml: [
      echoPod({ name: "client" }),
      echoPod({ name: "server", env: { PORT: "8080,8081", TCP_PORT: "9000" } }),
      echoService({ name: "server", ports: { http: [80, 8080], "http-more": [81, 8081], tcp: [9000] } }),
      policy("VirtualService", "server", {
        hosts: ["server"],
        http: [
          { name: "first", match: [{ uri: { prefix: "/first" } }], route: [{ destination: { host: "server" } }] },
          { name: "rest", route: [{ destination: { host: "server" } }] },
        ],
      }),
    ].join(""),
  });
  return {
    mesh,
    apply: async (app, ...configPatches) => {
      await mesh().replacePolicy(patches(app, configPatches));
      expect((await mesh().heddle(["status"])).out).not.toContain("left out");
    },
    ask: async (path = "/", { port = 80, host } = {}) => {
      const headers = host === undefined ? {} : { host };
      const options = { headers, keepAlive: false, timeoutMs: 5_000 };
      const { answers } = await mesh().request("client", `http://server:${port}${path}`, options);
      return answers[0] ?? { status: 0, ms: 0, headers: {} };
    },
    stat: async (pod, name) => Object.values(await mesh().envoyStats(pod, name)).reduce((sum, value) => sum + value, 0),
  };
}
