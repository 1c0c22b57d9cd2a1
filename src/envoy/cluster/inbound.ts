import {
  Cluster,
  Cluster_DiscoveryType as Type,
  Cluster_LbPolicy as Lb,
} from "../../../generated/envoy/config/cluster/v3/cluster.ts";
import { memo, memo2, memo3 } from "../../lib/index.ts";
import type {
  AppliedDestinationRule,
  Inbound,
  InboundPort,
  MeshSettings,
  Proxy,
  ProxyView,
  Scope,
} from "../../mesh/index.ts";
import type { FieldPath, SidecarSpec } from "../../model/index.ts";
import { buildAddress } from "../endpoint/address.ts";
import { memoTexts } from "../endpoint/memo-texts.ts";
import { familiesFor, type Families } from "../listener/families.ts";
import { memoList } from "../memo-list.ts";
import { inboundClusterName } from "../names.ts";
import { encodeResource, type Resource, type ResourceMap } from "../resource.ts";
import { appAddress, ingressFor, type AppAddress } from "./app-address.ts";
import { buildBind } from "./bind.ts";
import { buildConnection } from "./connection.ts";
import { inboundPassthrough } from "./passthrough.ts";
import { policyFor, policyProvenance, type ConnectionPool } from "./policy.ts";
import { buildProtocolOptions, httpVersionFor } from "./protocol-options.ts";

/** Hosts of original destinations are forgotten when idle, and connections to the app with them; its address never changes. */
const never = { seconds: 9_223_372_035, nanos: 0 };

const noRule: AppliedDestinationRule = Object.freeze({ subsets: [], objects: [] });
const noSidecar: SidecarSpec = Object.freeze({});

/**
 * The clusters behind a sidecar's inbound listener, by name: `inbound|port||` for each port that a service names, and
 * InboundPassthroughCluster for the others. Each connects to the address the caller asked for, from 127.0.0.6, so that the app sees its
 * traffic where it listens and iptables does not send it round again. Replicas of a workload share the resources and the map.
 */
export function inboundClusters({ proxy, scope: { settings, byHostname }, inbound }: ProxyView): ResourceMap {
  return clustersOf(inbound, settings, byHostname)(proxy);
}

const clustersOf = memo3((inbound: Inbound, settings: MeshSettings, byHostname: Scope["byHostname"]) =>
  memo((proxy: Proxy): ResourceMap => {
    const families = familiesFor(proxy);
    const { ports, sidecar } = inbound;
    const addresses = sidecar ? proxy.addresses : []; // only a Sidecar can say "the workload's own address"
    const resources = ports.map((served) => {
      const rule = byHostname.get(served.service.hostname)?.rule;
      return inboundCluster(served, settings, families)(rule ?? noRule, sidecar ?? noSidecar)(addresses);
    });
    return mapOf([...resources, inboundPassthrough(settings, families)]);
  }),
);

const mapOf = memoList(
  (resources: readonly Resource[]): ResourceMap => new Map(resources.map((resource) => [resource.name, resource])),
);

const inboundCluster = memo3((served: InboundPort, settings: MeshSettings, families: Families) =>
  memo2((rule: AppliedDestinationRule, sidecar: SidecarSpec) =>
    memoTexts(identity<readonly string[]>, (addresses): Resource => {
      const pool = poolFor(served, rule, sidecar);
      const app = appAddress(ingressFor(sidecar, served), addresses);
      const { service, servicePort, protocol, port } = served;
      const name = inboundClusterName(port);
      const cluster = Cluster.fromPartial({
        name,
        ...buildDiscovery(name, app),
        ...((!app || app.viaBind) && { upstreamBindConfig: buildBind(families) }),
        ...buildConnection(pool ? { connectionPool: pool } : {}, settings),
        typedExtensionProtocolOptions: buildProtocolOptions(
          httpVersionFor(protocol, { ...pool?.http, h2UpgradePolicy: "DEFAULT" }), // an upgrade is between sidecars
          pool,
        ),
        metadata: {
          filterMetadata: {
            istio: { services: [{ host: service.hostname, name: service.name, namespace: service.namespace }] },
          },
        },
      });
      return encodeResource("cds", name, Cluster, cluster, [
        ...policyProvenance(rule, servicePort.number),
        { object: service.object, field: fieldOf(served) },
      ]);
    }),
  ),
);

const identity = <T>(value: T): T => value;

/** A port that only a Sidecar names is none of the service's. */
function fieldOf({ service, servicePort }: InboundPort): FieldPath {
  const index = service.ports.indexOf(servicePort);
  return index < 0 ? ["spec"] : ["spec", "ports", index];
}

/** The limits that clients keep hold for the server too, or its own would be the lower; a Sidecar's go before a DestinationRule's. */
function poolFor(served: InboundPort, rule: AppliedDestinationRule, sidecar: SidecarSpec): ConnectionPool | undefined {
  return (
    ingressFor(sidecar, served)?.connectionPool ??
    sidecar.inboundConnectionPool ??
    policyFor(rule, served.servicePort.number).connectionPool
  );
}

function buildDiscovery(clusterName: string, app: AppAddress | undefined): Parameters<typeof Cluster.fromPartial>[0] {
  if (!app) return { type: Type.ORIGINAL_DST, lbPolicy: Lb.CLUSTER_PROVIDED, cleanupInterval: never };
  const endpoint = { address: buildAddress(app.address, app.port) };
  return {
    type: Type.STATIC,
    loadAssignment: { clusterName, endpoints: [{ lbEndpoints: [{ endpoint }] }] },
  };
}
