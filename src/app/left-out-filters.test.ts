import { buildSnapshot } from "../mesh/index.ts";
import { parseDocuments } from "../model/index.ts";
import { leftOutFilters } from "./left-out-filters.ts";

const mesh = `apiVersion: v1
kind: Pod
metadata: { name: cart-1, namespace: shop, labels: { app: cart } }
spec: { containers: [{ name: app }] }
status: { podIP: 10.1.0.1, phase: Running }
---
apiVersion: v1
kind: Service
metadata: { name: cart, namespace: shop }
spec: { clusterIP: 10.2.0.1, selector: { app: cart }, ports: [{ name: tcp, port: 9000 }] }
---
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: { name: patch, namespace: shop }
spec:
  configPatches:
    - applyTo: NETWORK_FILTER
      match: { context: SIDECAR_OUTBOUND, listener: { filterChain: { filter: { name: envoy.filters.network.tcp_proxy } } } }
      patch:
        operation: MERGE
        value:
          typed_config:
            "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
            cluster: CLUSTER
`;

const found = (cluster: string) =>
  leftOutFilters(buildSnapshot(parseDocuments(mesh.replace("CLUSTER", cluster), "mesh.yaml").objects).snapshot);

it("tells which EnvoyFilter a workload would be served without, where, and why", () => {
  expect(found("nowhere")).toEqual([
    {
      code: "HED313",
      level: "warning",
      message: expect.stringMatching(
        /^is left out for cart-1.shop, and maybe others: lds .*there is no cluster nowhere$/,
      ),
      object: { kind: "EnvoyFilter", namespace: "shop", name: "patch" },
      position: { file: "mesh.yaml", line: 16, column: 3 },
      field: "spec.configPatches",
    },
  ]);
});

it("says nothing of one that holds together", () => {
  expect(found("PassthroughCluster")).toEqual([]);
});
