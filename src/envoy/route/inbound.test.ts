import { RouteConfiguration } from "../../../generated/envoy/config/route/v3/route.ts";
import { http } from "../cluster/test-support.ts";
import { inboundRoute } from "./index.ts";
import { reviews } from "./test-support.ts";

it("sends all requests to the workload, for as long as they take", () => {
  const route = inboundRoute({ port: 8080, protocol: "HTTP", mtls: "STRICT", service: reviews, servicePort: http });
  expect(RouteConfiguration.toJSON(route)).toMatchObject({
    name: "inbound|8080||",
    virtualHosts: [
      {
        name: "inbound|http|80",
        domains: ["*"],
        routes: [{ name: "default", match: { prefix: "/" }, route: { cluster: "inbound|8080||", timeout: "0s" } }],
      },
    ],
    validateClusters: false,
  });
});
