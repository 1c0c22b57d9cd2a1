import { codes } from "../codes.ts";
import { checkPort, isIp, show } from "../names.ts";
import { each, eachEntry, type Place } from "../report.ts";
import type { Schema } from "../schema.ts";

/**
 * The networks of a mesh whose workloads cannot all call each other, and the gateways into each. Istio has them beside MeshConfig.
 * https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshNetworks
 */
export interface MeshNetworks {
  readonly networks?: Readonly<Record<string, MeshNetwork>>;
}

interface MeshNetwork {
  readonly gateways?: readonly { readonly address?: string; readonly port: number }[];
}

const text: Schema = { type: "string" };

function fields(properties: Readonly<Record<string, Schema>>, required: readonly string[] = []): Schema {
  return { type: "object", additionalProperties: false, properties, required };
}

export const meshNetworksSchema: Schema = fields({
  networks: {
    type: "object",
    additionalProperties: fields({
      endpoints: { type: "array", items: fields({ fromCidr: text, fromRegistry: text }) },
      gateways: {
        type: "array",
        items: fields({ address: text, registryServiceName: text, port: { type: "integer" }, locality: text }, [
          "port",
        ]),
      },
    }),
  },
});

/** Reports what cannot be done, and what of Istio's says nothing here. */
export function checkMeshNetworks(value: MeshNetworks | undefined, place: Place): void {
  eachEntry(value?.networks, place.at("networks"), (_name, network, at) => {
    const { endpoints } = network as { readonly endpoints?: readonly unknown[] };
    if (endpoints && endpoints.length > 0)
      at.at("endpoints").warn(
        codes.unsupportedField,
        "workloads say their network themselves: topology.istio.io/network, or network",
      );
    each(network.gateways, at.at("gateways"), checkGateway);
  });
}

type Gateway = NonNullable<MeshNetwork["gateways"]>[number] & {
  readonly registryServiceName?: string;
  readonly locality?: string;
};

function checkGateway({ address, registryServiceName, locality, port }: Gateway, place: Place): void {
  checkPort(port, place.at("port"));
  if (registryServiceName)
    place.at("registryServiceName").warn(codes.unsupportedField, "is not supported: write the gateway's address");
  else if (!address) place.error(codes.missing, 'the field "address" is missing');
  else if (!isIp(address))
    place
      .at("address")
      .warn(codes.unsupportedField, `"${show(address)}" is not an IP address: names are not supported`);
  if (locality) place.at("locality").warn(codes.unsupportedField, "a gateway counts as being where its workloads are");
}
