import { documents } from "../echo-services.ts";

/** A mesh that exists only as text: services with endpoints and policy, whose proxies are scripted clients. */
export function shop(services: number): string {
  return documents(...Array.from({ length: services }, (_, n) => service(n)));
}

/** Service number `n`, one endpoint, two subsets, and a route that sets the response header `x-mark`. */
export function service(n: number, mark = "none", weight = 90): string {
  const host = `svc-${n}.shop.example`;
  return `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: svc-${n}, namespace: shop }
spec:
  hosts: [${host}]
  location: MESH_INTERNAL
  resolution: STATIC
  ports: [{ number: 80, name: http, protocol: HTTP }]
  endpoints: [{ address: 10.1.${n >> 8}.${n & 255}, labels: { version: v1 } }]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: svc-${n}, namespace: shop }
spec:
  host: ${host}
  subsets: [{ name: v1, labels: { version: v1 } }, { name: v2, labels: { version: v2 } }]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: svc-${n}, namespace: shop }
spec:
  hosts: [${host}]
  http:
    - headers: { response: { set: { x-mark: "${mark}" } } }
      route:
        - { destination: { host: ${host}, subset: v1 }, weight: ${weight} }
        - { destination: { host: ${host}, subset: v2 }, weight: ${100 - weight} }
`;
}
