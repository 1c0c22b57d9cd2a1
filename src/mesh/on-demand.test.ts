import { problemsIn, viewOf } from "./testing.ts";

const namespace = (word: string) => `
apiVersion: v1
kind: Namespace
metadata: { name: default, annotations: { heddle.io/on-demand-clusters: "${word}" } }
---
`;
const pod = (word: string) => `
apiVersion: v1
kind: Pod
metadata: { name: client, namespace: default, annotations: { heddle.io/on-demand-clusters: "${word}" } }
status: { podIP: 10.0.0.1 }
---
`;

it.each([
  ["nothing", "", false],
  ["the workload", pod("enabled"), true],
  ["the namespace", namespace("enabled"), true],
  ["the workload, against its namespace", namespace("enabled") + pod("disabled"), false],
  ["the workload, against its namespace", namespace("disabled") + pod("enabled"), true],
  ["another workload", pod("enabled").replace("client", "other"), false],
  ["the namespace, where the workload has no word for it", namespace("enabled") + pod("yes"), true],
])("clusters come on demand where %s says so", (_, yaml, expected) => {
  expect(viewOf(yaml).onDemandClusters).toBe(expected);
});

it("is not for gateways, which serve whoever comes", () => {
  expect(viewOf(namespace("enabled"), { type: "router" }).onDemandClusters).toBe(false);
});

it("changes nothing in the scope, which others share", () => {
  expect(viewOf(pod("enabled")).scope).toEqual(viewOf("").scope);
});

it("tells a word that says nothing, where it is", () => {
  const message = '"yes" says nothing here';
  expect(problemsIn(namespace("yes") + pod("yes"))).toEqual([
    `HED307 /default metadata.annotations.heddle.io/on-demand-clusters: ${message}`,
    `HED307 default/client metadata.annotations.heddle.io/on-demand-clusters: ${message}`,
  ]);
  expect(problemsIn(namespace("enabled") + pod("disabled"))).toEqual([]);
});
