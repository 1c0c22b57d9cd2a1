import { startClient } from "../e2e/harness/client.ts";
import { deploySamples, inProject, kubectl, kubectlGet, waitFor, type TestNamespace } from "./harness/index.ts";

interface Service {
  readonly spec: { readonly ports: readonly { readonly name: string; readonly nodePort: number }[] };
}

interface Nodes {
  readonly items: readonly { readonly status: { readonly addresses: readonly { type: string; address: string }[] } }[];
}

/** Sends all of one host to one service of the namespace. */
const policy = (namespace: string): string => `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: edge, namespace: ${namespace} }
spec:
  selector: { istio: ingressgateway }
  servers:
    - port: { number: 80, name: http, protocol: HTTP }
      hosts: [links.example.com]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: edge, namespace: ${namespace} }
spec:
  hosts: [links.example.com]
  gateways: [edge]
  http: [{ route: [{ destination: { host: link-service, port: { number: 8080 } } }] }]
`;

describe("the ingress gateway, from outside of the cluster", () => {
  let mesh: TestNamespace;
  let address = "";
  beforeAll(async () => {
    mesh = await deploySamples("e2e-gateway");
    await kubectl(["apply", "-k", inProject("manifests/gateway")]);
    await kubectl(["-n", "heddle-ingress", "rollout", "status", "deployment/ingressgateway", "--timeout=120s"]);
    const { spec } = await kubectlGet<Service>(["-n", "heddle-ingress", "service", "ingressgateway"]);
    const { items } = await kubectlGet<Nodes>(["nodes"]);
    const node = items[0]?.status.addresses.find(({ type }) => type === "InternalIP")?.address ?? "";
    address = `${node}:${spec.ports.find(({ name }) => name === "http")?.nodePort ?? 0}`;
  });
  afterAll(async () => {
    await kubectl(["delete", "-k", inProject("manifests/gateway"), "--wait=false"]);
    await mesh.remove();
  });

  async function ask(host: string): Promise<{ status: number; service?: string }> {
    const { answers } = await startClient(undefined, `http://${address}/`, { headers: { host }, count: 1 }).done;
    const [answer] = answers;
    return { status: answer?.status ?? 0, ...(answer?.body ? { service: answer.body.service } : {}) };
  }

  test("a host of a Gateway is answered by its service, through mTLS; any other is not known", async () => {
    await mesh.applySample("60-strict-mtls.yaml");
    await mesh.apply(policy(mesh.name));
    await waitFor("the host is answered", async () => (await ask("links.example.com")).status === 200);
    expect(await ask("links.example.com")).toEqual({ status: 200, service: "link-service" });
    expect((await ask("other.example.com")).status).toBe(404);
  });
});
