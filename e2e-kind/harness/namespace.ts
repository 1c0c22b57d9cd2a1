import { kubectl, kubectlGet, tryKubectl } from "./kubectl.ts";
import { isReady, type List, type Pod } from "./objects.ts";
import { inProject, samplePolicy } from "./project.ts";
import { requestFrom, startLoad, type Load } from "./requests.ts";
import type { RequestOptions, Summary } from "../../e2e/harness/client.ts";
import { waitFor } from "../../e2e/harness/wait.ts";

/** A namespace of the cluster for one file of tests. */
export class TestNamespace {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  kubectl(args: readonly string[], input?: string): Promise<string> {
    return kubectl(["-n", this.name, ...args], input);
  }

  get<T>(args: readonly string[]): Promise<T> {
    return kubectlGet<T>(["-n", this.name, ...args]);
  }

  apply(yaml: string): Promise<string> {
    return this.kubectl(["apply", "-f", "-"], yaml);
  }

  /** Applies one of manifests/samples/links here. It is live a moment later: a test waits for what it sees of it. */
  async applySample(file: string): Promise<void> {
    await this.apply(await samplePolicy(file, this.name));
  }

  /** The pods of an app that serve, oldest first. */
  async pods(app: string): Promise<readonly Pod[]> {
    const { items } = await this.get<List<Pod>>(["pods", "-l", `app=${app}`, "--sort-by=.metadata.creationTimestamp"]);
    return items.filter(isReady);
  }

  async pod(app: string): Promise<Pod> {
    return waitFor(`a pod of ${app} that serves`, async () => (await this.pods(app))[0]);
  }

  /** Sends requests from a pod of an app, out of its own container. */
  async request(app: string, url: string, options: RequestOptions): Promise<Summary> {
    return requestFrom(this.name, (await this.pod(app)).metadata.name, url, options);
  }

  /** Requests that go on until they are stopped. */
  async load(app: string, url: string, options: RequestOptions): Promise<Load> {
    return startLoad(this.name, (await this.pod(app)).metadata.name, url, options);
  }

  /** What an Envoy's admin interface says, asked from the app's container of its pod. */
  async envoy(pod: string, path: string): Promise<string> {
    const ask = `fetch("http://127.0.0.1:15000${path}").then((a) => a.text()).then((t) => process.stdout.write(t))`;
    return this.kubectl(["exec", pod, "-c", "app", "--", "node", "-e", ask]);
  }

  /** A counter or gauge of an Envoy; 0 where it has none of that name yet. */
  async envoyStat(pod: string, name: string): Promise<number> {
    const text = await this.envoy(pod, `/stats?filter=^${name.replaceAll(".", "\\.")}$`);
    return Number(text.split(": ")[1] ?? 0);
  }

  async rolledOut(...deployments: string[]): Promise<void> {
    for (const name of deployments) await this.kubectl(["rollout", "status", `deployment/${name}`, "--timeout=180s"]);
  }

  async remove(): Promise<void> {
    await tryKubectl(["delete", "namespace", this.name, "--wait=false"]);
  }
}

const sampleDeployments = [
  "web",
  "link-service-stable",
  "link-service-canary",
  "link-service-beta",
  "analytics-service",
];

/** A namespace, labelled as a user labels one; removed when the file's tests are over. */
export async function createNamespace(name: string, { injected = true } = {}): Promise<TestNamespace> {
  const namespace = new TestNamespace(name);
  // A file that is tried once more may find its own namespace on the way out.
  await kubectl(["delete", "namespace", name, "--ignore-not-found", "--timeout=180s"]);
  await kubectl(["create", "namespace", name]);
  if (injected) await kubectl(["label", "namespace", name, "istio-injection=enabled"]);
  // The root certificate comes with the namespace; a pod would only wait a moment for it.
  return namespace;
}

/** The sample services in a namespace of their own, as manifests/samples/kubernetes has them. */
export async function deploySamples(name: string): Promise<TestNamespace> {
  const namespace = await createNamespace(name);
  await namespace.kubectl(["apply", "-f", inProject("manifests/samples/kubernetes")]);
  await namespace.rolledOut(...sampleDeployments);
  return namespace;
}

/** A pod outside of the mesh, with the same programs; in a namespace that is not labelled. */
export async function deployOutsider(name: string): Promise<TestNamespace> {
  const namespace = await createNamespace(name, { injected: false });
  await namespace.apply(`
apiVersion: v1
kind: Pod
metadata: { name: outsider, labels: { app: outsider } }
spec:
  terminationGracePeriodSeconds: 1
  containers:
    - { name: app, image: heddle-sample:1, command: [sleep, infinity] }
`);
  await namespace.kubectl(["wait", "--for=condition=Ready", "pod/outsider", "--timeout=120s"]);
  return namespace;
}
