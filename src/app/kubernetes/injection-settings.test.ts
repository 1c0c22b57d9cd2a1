import type { KubernetesApi } from "../../cluster/index.ts";
import { createLog } from "../../lib/index.ts";
import type { InjectionSettings } from "../../node/index.ts";
import { followInjectionSettings } from "./injection-settings.ts";

const image = "registry.example:5000/mesh/heddle@sha256:0123456789abcdef";

/** An API server with our pod, or without, and the ConfigMap with this text. */
function apiWith(injection: string | undefined, pods: readonly object[]): KubernetesApi {
  return {
    call: ({ path }) => {
      if (path === "/version") return Promise.resolve({ status: 200, body: { minor: "34" } });
      if (path.startsWith("/api/v1/namespaces/mesh/pods?fieldSelector=metadata.name%3Dheddle-1"))
        return Promise.resolve({ status: 200, body: { items: pods } });
      if (path === "/api/v1/namespaces/mesh/configmaps/heddle")
        return Promise.resolve({ status: 200, body: { data: { ...(injection !== undefined && { injection }) } } });
      return Promise.resolve({ status: 403, body: { reason: "Forbidden" } });
    },
  };
}

const pod = {
  spec: {
    containers: [
      { name: "proxy", image: "other:1" },
      { name: "heddle", image },
    ],
  },
};

async function settingsWith(injection: string | undefined, pods: readonly object[]): Promise<InjectionSettings> {
  const source = await followInjectionSettings(apiWith(injection, pods), "mesh", "heddle-1", createLog("silent"));
  source.stop();
  return source.current();
}

async function imageWith(injection: string | undefined, pods: readonly object[]): Promise<string> {
  return (await settingsWith(injection, pods)).image;
}

it("gives init containers the image that the control plane's own pod has", async () => {
  expect(await imageWith(undefined, [pod])).toBe(image);
  expect(await imageWith("logLevel: info", [pod])).toBe(image);
  expect(await imageWith(undefined, [{ spec: { containers: [{ name: "main", image: "mine:2" }] } }])).toBe("mine:2");
});

it("gives them what the settings say before that, and the usual one out of a cluster", async () => {
  expect(await imageWith("image: mine:1", [pod])).toBe("mine:1");
  expect(await imageWith(undefined, [])).toBe("heddle:latest");
});

it.each<[string, boolean, readonly string[], string | undefined]>([
  ["IPv4 alone", false, ["10.1.0.1"], undefined],
  ["both", true, ["10.1.0.1", "fd00::1"], undefined],
  ["IPv6 alone", true, ["fd00::1"], "logLevel: info"],
  ["both, where the settings say no", false, ["10.1.0.1", "fd00::1"], "ipv6: false"],
])("opens the proxies' own listeners to the IP versions of its own pod: %s", async (_, ipv6, addresses, injection) => {
  const own = { ...pod, status: { podIPs: addresses.map((ip) => ({ ip })) } };
  expect((await settingsWith(injection, [own])).ipv6).toBe(ipv6);
});
