import { isDeepStrictEqual } from "node:util";
import { setTimeout as pause } from "node:timers/promises";
import {
  applyWithImage,
  deploySamples,
  heddleIn,
  isReady,
  kubectl,
  kubectlGet,
  replicaMetric,
  replicas,
  waitFor,
  type List,
  type Pod,
  type TestNamespace,
} from "./harness/index.ts";

const links = "http://link-service:8080/";
const system = "heddle-system";
const image = "heddle:0.1.0"; // of manifests/install
const nextImage = process.env["HEDDLE_NEXT_IMAGE"] ?? "";
/** What counts that an Envoy has taken listeners, clusters or routes that differ from those it had. */
const changeCounters =
  "^(listener_manager.listener|cluster_manager.cluster)_(added|modified|removed)$|[.](rds|vhds)[.].*[.]config_reload$";

/** Whether no other test's namespace is there any more. */
async function areAlone(): Promise<boolean> {
  const { items } = await kubectlGet<List<{ readonly metadata: { readonly name: string } }>>(["namespaces"]);
  return items.every(({ metadata: { name } }) => name === "e2e-plane" || !name.startsWith("e2e-"));
}

describe("the control plane goes away and comes back under load", () => {
  let mesh: TestNamespace;
  beforeAll(async () => {
    mesh = await deploySamples("e2e-plane");
    await mesh.applySample("10-canary.yaml");
    await waitFor("the namespaces of other tests to be gone, and their clusters with them", areAlone, {
      timeoutMs: 180_000,
    });
  });
  afterAll(() => mesh.remove());

  /** How often each Envoy of the namespace has taken something that differs from what it had, by pod and counter. */
  async function changes(): Promise<Readonly<Record<string, string>>> {
    const { items } = await mesh.get<List<Pod>>(["pods"]);
    const stats = items.filter(isReady).map(async ({ metadata: { name } }) => {
      const text = await mesh.envoy(name, `/stats?filter=${encodeURIComponent(changeCounters)}`);
      expect(text).toContain("cluster_manager.cluster_added: ");
      return [name, text] as const;
    });
    return Object.fromEntries(await Promise.all(stats));
  }

  /** The counters, once they have stood still: what went before may still be on its way. */
  function settled(): Promise<Readonly<Record<string, string>>> {
    return waitFor(
      "the Envoys are told nothing new",
      async () => {
        const first = await changes();
        await pause(3_000);
        const second = await changes();
        return isDeepStrictEqual(first, second) && second;
      },
      { timeoutMs: 60_000 },
    );
  }

  /** Under load and before it: nothing fails, and no Envoy is told anything new. */
  async function expectUnnoticed(disturb: () => Promise<void>): Promise<void> {
    const before = await settled();
    const load = await mesh.load("web", links, { ratePerSecond: 100, keep: 3 });
    await disturb();
    const connected = async (pod: string): Promise<boolean> =>
      (await mesh.envoyStat(pod, "control_plane.connected_state")) === 1;
    await waitFor("the Envoys are connected again", async () =>
      (await Promise.all(Object.keys(before).map(connected))).every(Boolean),
    );
    const { count, failed, byStatus, errors } = await load.stop();
    const told = failed > 0 ? { byStatus, errors } : {};
    expect({ failed, told }).toEqual({ failed: 0, told: {} });
    expect(count).toBeGreaterThan(100);
    expect(await settled()).toEqual(before);
  }

  /** What the replicas say that they are. */
  async function versions(): Promise<readonly string[]> {
    const said = (await replicas()).map(async ({ metadata: { name } }) => {
      const { labels } = await replicaMetric(name, "heddle_build_info");
      return /version="([^"]*)"/.exec(labels)?.[1] ?? "";
    });
    return Promise.all(said);
  }

  /** Heddle's image in a pod that comes now. */
  async function injectedImage(): Promise<string | undefined> {
    await mesh.kubectl(["rollout", "restart", "deployment/web"]);
    await mesh.rolledOut("web");
    const { spec } = (await mesh.pods("web")).at(-1) ?? (await mesh.pod("web"));
    return spec.initContainers?.find(({ name }) => name === "istio-init")?.image;
  }

  test("two replicas serve", async () => {
    await kubectl(["-n", system, "rollout", "status", "deployment/heddle", "--timeout=120s"]);
    expect(await replicas()).toHaveLength(2);
  });

  /** The proxies of the namespace that a replica serves. */
  async function proxiesOf(replica: string): Promise<readonly string[]> {
    const { proxies } = await heddleIn<{ proxies: readonly { readonly name: string }[] }>(replica, "status");
    return proxies.map(({ name }) => name).filter((name) => name.endsWith(`.${mesh.name}`));
  }

  /** The versions (hashes of the bytes) of what a replica serves a proxy, certificates aside: those are made anew by each replica. */
  async function servedBy(replica: string, proxy: string): Promise<Readonly<Record<string, string>>> {
    const all = await heddleIn<readonly Record<"type" | "name" | "version", string>[]>(replica, "config", proxy);
    const own = "heddle.heddle-system"; // whose endpoints come and go with the replicas
    const kept = all.filter(({ type, name }) => type !== "secrets" && !name.includes(own));
    return Object.fromEntries(kept.map(({ type, name, version }) => [`${type} ${name}`, version]));
  }

  test("two replicas serve the same bytes: a proxy holds the same from either (F11)", async () => {
    const names = (await replicas()).map(({ metadata }) => metadata.name);
    const counts = await Promise.all(names.map(async (name) => (await proxiesOf(name)).length));
    const [leaving = "", staying = ""] = (counts[0] ?? 0) >= (counts[1] ?? 0) ? names : [...names].reverse();
    const moved = (await proxiesOf(leaving)).slice(0, 4);
    expect(moved.length).toBeGreaterThan(0);
    const before = await Promise.all(moved.map((proxy) => servedBy(leaving, proxy)));
    // With one replica left they can only go to that.
    await kubectl(["-n", system, "scale", "deployment/heddle", "--replicas=1"]);
    await kubectl(["-n", system, "delete", "pod", leaving, "--wait=false"]);
    const [one] = await waitFor(
      "the proxies to have moved",
      async () => {
        const left = await replicas();
        const here = left.length === 1 && left[0] ? await proxiesOf(left[0].metadata.name) : [];
        return moved.every((proxy) => here.includes(proxy)) && left;
      },
      { timeoutMs: 90_000 },
    );
    const after = await Promise.all(moved.map((proxy) => servedBy(one?.metadata.name ?? staying, proxy)));
    await kubectl(["-n", system, "scale", "deployment/heddle", "--replicas=2"]);
    await kubectl(["-n", system, "rollout", "status", "deployment/heddle", "--timeout=180s"]);
    expect(Object.keys(before[0] ?? {}).length).toBeGreaterThan(10);
    expect(after).toEqual(before);
  });

  test.each([0, 1])("replica %i is killed at once: no request fails, no Envoy is told anything new", async (which) => {
    const victim = (await replicas())[which]?.metadata.name ?? "";
    await expectUnnoticed(async () => {
      await kubectl(["-n", system, "delete", "pod", victim, "--grace-period=0", "--force"]);
      await waitFor("two replicas again", async () => (await replicas()).length === 2, { timeoutMs: 90_000 });
    });
  });

  test("a rolling upgrade: no request fails, no Envoy is told anything new", async () => {
    await expectUnnoticed(async () => {
      await kubectl(["-n", system, "rollout", "restart", "deployment/heddle"]);
      await kubectl(["-n", system, "rollout", "status", "deployment/heddle", "--timeout=180s"]);
    });
  });

  test("an upgrade to another image and back: no request fails, no Envoy is told anything new, and new pods get that image", async () => {
    expect([await versions(), await injectedImage()]).toEqual([["0.1.0", "0.1.0"], image]);
    try {
      await expectUnnoticed(() => applyWithImage(nextImage));
      const next = nextImage.split(":")[1];
      expect([await versions(), await injectedImage()]).toEqual([[next, next], nextImage]);
    } finally {
      await expectUnnoticed(() => applyWithImage(image));
    }
    expect([await versions(), await injectedImage()]).toEqual([["0.1.0", "0.1.0"], image]);
  });

  test("all replicas are gone for a while: traffic goes on; they come back: policy does too", async () => {
    await expectUnnoticed(async () => {
      await kubectl(["-n", system, "scale", "deployment/heddle", "--replicas=0"]);
      await waitFor("no replica", async () => (await replicas()).length === 0);
      await pause(3_000); // time for requests without any control plane
      await kubectl(["-n", system, "scale", "deployment/heddle", "--replicas=2"]);
      await kubectl(["-n", system, "rollout", "status", "deployment/heddle", "--timeout=180s"]);
    });
    await mesh.applySample("30-header-routing.yaml");
    await waitFor("the new policy is live", async () => {
      const headers = { "x-beta-user": "true" };
      const { byVersion } = await mesh.request("web", links, { count: 5, keep: 0, headers });
      return byVersion["beta"] === 5;
    });
  });
});
