import { setTimeout as pause } from "node:timers/promises";
import {
  deploySamples,
  isReady,
  kubectl,
  kubectlGet,
  waitFor,
  type List,
  type Pod,
  type TestNamespace,
} from "./harness/index.ts";

const links = "http://link-service:8080/";
const system = "heddle-system";

async function replicas(): Promise<readonly Pod[]> {
  const { items } = await kubectlGet<List<Pod>>(["-n", system, "pods", "-l", "app=heddle"]);
  return items.filter(isReady);
}

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

  /** How often this Envoy has taken listeners or clusters that differ from those it had. */
  async function changes(pod: string): Promise<readonly number[]> {
    const counters = ["listener_modified", "listener_added", "listener_removed"].map(
      (name) => `listener_manager.${name}`,
    );
    counters.push(...["modified", "added", "removed"].map((name) => `cluster_manager.cluster_${name}`));
    return Promise.all(counters.map((name) => mesh.envoyStat(pod, name)));
  }

  /** The counters, once they have stood still: what went before may still be on its way. */
  function settled(pod: string): Promise<readonly number[]> {
    return waitFor(
      "the Envoy is told nothing new",
      async () => {
        const first = await changes(pod);
        await pause(3_000);
        const second = await changes(pod);
        return second.every((value, i) => value === first[i]) && second;
      },
      { timeoutMs: 60_000 },
    );
  }

  /** Under load and before it: nothing fails, and the Envoy that sends is told nothing new. */
  async function expectUnnoticed(disturb: () => Promise<void>): Promise<void> {
    const { metadata } = await mesh.pod("web");
    const before = await settled(metadata.name);
    const load = await mesh.load("web", links, { ratePerSecond: 100, keep: 3 });
    await disturb();
    await waitFor(
      "the Envoy is connected again",
      async () => (await mesh.envoyStat(metadata.name, "control_plane.connected_state")) === 1,
    );
    const { count, failed, answers } = await load.stop();
    expect({ failed, answers: failed > 0 ? answers : [] }).toEqual({ failed: 0, answers: [] });
    expect(count).toBeGreaterThan(100);
    expect(await changes(metadata.name)).toEqual(before);
  }

  test("two replicas serve", async () => {
    await kubectl(["-n", system, "rollout", "status", "deployment/heddle", "--timeout=120s"]);
    expect(await replicas()).toHaveLength(2);
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
