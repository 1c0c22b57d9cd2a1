import { parseDocuments, type MeshObject } from "../../model/index.ts";
import { rulesFor } from "./interception-rules.ts";

function pod(annotations: Readonly<Record<string, string>>): MeshObject<"Pod"> {
  const object = { apiVersion: "v1", kind: "Pod", metadata: { name: "cart", annotations }, spec: {} };
  const [found] = parseDocuments(JSON.stringify(object), "pod.json").objects;
  if (found?.kind !== "Pod") throw new Error("no Pod");
  return found;
}

const traffic = "traffic.sidecar.istio.io/";

it("takes over what the pod's annotations leave to the proxy", () => {
  const usual = rulesFor(pod({}), false)?.v4 ?? "";
  const own = rulesFor(pod({ [`${traffic}excludeOutboundPorts`]: "3306" }), false)?.v4 ?? "";
  expect(usual).not.toContain("3306");
  expect(own.split("\n").filter((line) => line.includes("3306"))).toHaveLength(1);
  expect(rulesFor(pod({}), true)?.v4).toContain("--dport 53");
});

it("takes over nothing where the pod says so", () => {
  expect(rulesFor(pod({ "sidecar.istio.io/interceptionMode": "NONE" }), true)).toBeUndefined();
});

it("says which annotation makes no rule", () => {
  expect(() => rulesFor(pod({ [`${traffic}includeOutboundIPRanges`]: "everywhere" }), false)).toThrow(
    /HED501 Pod default\/cart metadata.annotations\["traffic.sidecar.istio.io\/includeOutboundIPRanges"\]/,
  );
});
