import { codes } from "../codes.ts";
import { kubernetesKind } from "../kind.ts";
import { checkHost, isIp, isLabel, show } from "../names.ts";
import { RawFields } from "./raw.ts";
import type { EndpointSliceSpec } from "./types.ts";

/** https://kubernetes.io/docs/reference/kubernetes-api/service-resources/endpoint-slice-v1/ */
export const endpointSlice = kubernetesKind(
  "EndpointSlice",
  "discovery.k8s.io/v1",
  (raw, place, { labels }): EndpointSliceSpec => {
    const slice = new RawFields(raw, place);
    const addressType = slice.choice("addressType", "IPv4", "IPv6", "FQDN");
    return {
      serviceName: labels["kubernetes.io/service-name"] ?? "",
      addressType,
      // A port without a number means "every port", which no listener can have.
      ports: slice.list("ports").flatMap((port) => {
        const number = port.port("port");
        if (number === 0) return [];
        return [{ name: port.text("name") ?? "", port: number, protocol: port.text("protocol") ?? "TCP" }];
      }),
      endpoints: slice.list("endpoints").map((endpoint) => parseEndpoint(endpoint, addressType)),
    };
  },
);

function parseEndpoint(
  endpoint: RawFields,
  type: EndpointSliceSpec["addressType"],
): EndpointSliceSpec["endpoints"][number] {
  const conditions = endpoint.fields("conditions");
  const ready = conditions.flag("ready", true);
  const target = endpoint.fields("targetRef");
  const podName = target.text("kind") === "Pod" ? target.text("name") : undefined;
  const nodeName = endpoint.text("nodeName");
  const zone = endpoint.text("zone");
  const hostname = endpoint.text("hostname") ?? "";
  const addresses = endpoint.texts("addresses");
  for (const [index, address] of addresses.entries()) {
    const at = endpoint.place.at("addresses", index);
    if (type === "FQDN") checkHost(address, at);
    else if (!isIp(address) || address.includes(":") !== (type === "IPv6"))
      at.error(codes.address, `"${show(address)}" is not an ${type} address`);
  }
  return {
    addresses,
    ready,
    serving: conditions.flag("serving", ready),
    terminating: conditions.flag("terminating", false),
    ...(podName !== undefined && { podName }),
    ...(isLabel(hostname) && { hostname }),
    ...(nodeName !== undefined && { nodeName }),
    ...(zone !== undefined && { zone }),
  };
}
