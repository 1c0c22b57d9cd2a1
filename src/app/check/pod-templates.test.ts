import { formatProblem } from "../../lib/index.ts";
import { templateProblems } from "./pod-templates.ts";

const deployment = (own: string, pods: string) => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: cart
  annotations:
    ${own}
spec:
  selector: { matchLabels: { app: cart } }
  template:
    metadata:
      labels: { app: cart }
      annotations:
        ${pods}
    spec:
      containers: [{ name: cart, image: cart:1 }]
`;

const told = (text: string) => templateProblems(text, "app.yaml").map(formatProblem);

it("finds nothing in what is right", () => {
  expect(
    told(deployment('kubernetes.io/change-cause: "x"', 'traffic.sidecar.istio.io/excludeOutboundPorts: "3306"')),
  ).toEqual([]);
});

it("tells of an annotation that is the pods', and where it belongs", () => {
  expect(told(deployment('sidecar.istio.io/proxyCPU: "100m"', "a: b"))).toEqual([
    "app.yaml:6:5: warning IST0107 Deployment default/cart metadata.annotations.sidecar.istio.io/proxyCPU: " +
      "sidecar.istio.io/proxyCPU changes nothing on a Deployment: it is for Pod (write it into the pod's template)",
  ]);
});

it("tells of the template's, with the line", () => {
  const at =
    "app.yaml:13:9: warning IST0108 Deployment default/cart spec.template.metadata.annotations.sidecar.istio.io/proxyCpu";
  expect(told(deployment("a: b", "sidecar.istio.io/proxyCpu: 100m"))).toEqual([expect.stringContaining(at)]);
  expect(told(deployment("a: b", 'sidecar.istio.io/proxyCPU: "a lot"'))).toEqual([
    expect.stringContaining(
      'app.yaml:13:9: error HED501 Deployment default/cart spec.template.metadata.annotations["sidecar.istio.io/proxyCPU"]',
    ),
  ]);
});

it("tells of the pods' labels, and of what a pod does wrong by itself", () => {
  const text = deployment("a: b", "a: b")
    .replace("labels: { app: cart }", 'labels: { app: cart, sidecar.istio.io/inject: "yes" }')
    .replace("image: cart:1 }", "image: cart:1, securityContext: { runAsUser: 1337 } }");
  expect(told(text)).toEqual([
    expect.stringContaining(
      "app.yaml:11:28: warning HED218 Deployment default/cart spec.template.metadata.labels.sidecar.istio.io/inject: ",
    ),
    expect.stringContaining(
      "app.yaml:15:68: warning IST0144 Deployment default/cart spec.template.spec.containers[0].securityContext.runAsUser: ",
    ),
  ]);
});

it("leaves to the mesh what it tells of Pods itself", () => {
  const pod = (annotation: string) =>
    `apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  annotations:\n    ${annotation}\nspec: { containers: [{ name: a }] }\n`;
  expect(told(pod("sidecar.istio.io/proxyCpu: 100m"))).toEqual([]);
  expect(told(pod("sidecar.istio.io/proxyCPU: a lot"))).toEqual([expect.stringContaining("HED501 Pod default/a")]);
});

it("never throws", () => {
  for (const text of [
    "",
    "a: [",
    "kind: Deployment\napiVersion: apps/v1\nmetadata: 1\nspec: { template: 1 }\n",
    "- 1\n",
  ])
    expect(() => templateProblems(text, "it.yaml")).not.toThrow();
});
