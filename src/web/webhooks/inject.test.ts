import { defaultInjectionSettings } from "../../node/index.ts";
import { pod, webhooksForSuite, type Response } from "../testdata/webhooks.ts";

const webhooks = webhooksForSuite();

const patchOf = ({ patch }: Response) =>
  JSON.parse(Buffer.from(patch ?? "", "base64").toString()) as { op: string; path: string; value: unknown }[];

describe("injection", () => {
  it("answers with a patch", async () => {
    const response = await webhooks.ask("/inject", pod());
    expect(response).toMatchObject({ uid: "u-1", allowed: true, patchType: "JSONPatch" });
    expect(patchOf(response).map(({ op, path }) => `${op} ${path}`)).toEqual([
      "add /metadata/labels/security.istio.io~1tlsMode",
      "add /metadata/labels/service.istio.io~1canonical-name",
      "add /metadata/labels/service.istio.io~1canonical-revision",
      "add /metadata/annotations",
      "replace /spec/containers",
      "add /spec/initContainers",
      "add /spec/volumes",
    ]);
  });

  it("lets pass what it has no business with, unchanged", async () => {
    const untouched = { uid: "u-1", allowed: true };
    expect(await webhooks.ask("/inject", pod({ hostNetwork: true }))).toEqual(untouched);
    expect(await webhooks.ask("/inject", pod(), { namespace: "kube-system" })).toEqual(untouched);
    expect(await webhooks.ask("/inject", pod({}, { labels: { "sidecar.istio.io/inject": "false" } }))).toEqual(
      untouched,
    );
    expect(await webhooks.ask("/inject", { kind: "Deployment", apiVersion: "apps/v1" })).toEqual(untouched);
  });

  it("says why it cannot", async () => {
    const { allowed, status } = await webhooks.ask(
      "/inject",
      pod({}, { annotations: { "sidecar.istio.io/proxyCPU": "much" } }),
    );
    expect(allowed).toBe(false);
    expect(status?.message).toBe(
      "Heddle cannot inject a sidecar:\n" +
        'error HED501 metadata.annotations["sidecar.istio.io/proxyCPU"]: not an amount: "much"',
    );
  });

  it("warns of what will not be as its writer thinks", async () => {
    const { warnings } = await webhooks.ask("/inject", pod({ securityContext: { runAsUser: 1337 } }));
    expect(warnings?.join()).toContain("IST0144");
  });

  it("asks for the settings each time", async () => {
    webhooks.settings = { ...defaultInjectionSettings, policy: "disabled" };
    const { patch } = await webhooks.ask("/inject", pod());
    webhooks.settings = defaultInjectionSettings;
    expect(patch).toBeUndefined();
  });
});
