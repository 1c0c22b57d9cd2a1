import { createNamespace, kubectl, tryKubectl, waitFor, type TestNamespace } from "./harness/index.ts";

const broken = (namespace: string): string => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: broken, namespace: ${namespace} }
spec:
  hosts: [link-service]
  http:
    - route:
        - { destination: { host: link-service, subset: stable }, weight: 95 }
        - { destination: { host: link-service, subset: canary }, weight: -5 }
`;

const sound = (namespace: string): string => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: sound, namespace: ${namespace} }
spec:
  hosts: [link-service]
  gateways: [mesh]
  http: [{ route: [{ destination: { host: link-service } }] }]
`;

describe("kubectl and the mesh's own kinds", () => {
  let mesh: TestNamespace;
  beforeAll(async () => {
    mesh = await createNamespace("e2e-admission");
  });
  afterAll(() => mesh.remove());

  test("a broken object is refused, and the message names the field", async () => {
    const { code, err } = await waitFor("the webhook has its certificate", async () => {
      const said = await tryKubectl(["apply", "-f", "-"], broken(mesh.name));
      return said.code !== 0 && said;
    });
    expect(code).not.toBe(0);
    expect(err).toContain("http[0].route[1].weight");
  });

  test("a sound one is taken, and `kubectl get` shows what matters", async () => {
    await mesh.apply(sound(mesh.name));
    const [head = "", row = ""] = (await mesh.kubectl(["get", "virtualservices"])).split("\n");
    expect(head.split(/\s{2,}/)).toEqual(expect.arrayContaining(["NAME", "GATEWAYS", "HOSTS", "AGE"]));
    expect(row).toMatch(/sound +\["mesh"\] +\["link-service"\]/);
  });

  test("pods of namespaces that are not labelled are not asked about", async () => {
    const out = await kubectl(["get", "mutatingwebhookconfiguration", "heddle-injector", "-o", "json"]);
    const { webhooks } = JSON.parse(out) as { webhooks: readonly { clientConfig: { caBundle?: string } }[] };
    expect(webhooks.every(({ clientConfig }) => (clientConfig.caBundle ?? "").length > 100)).toBe(true);
  });
});
