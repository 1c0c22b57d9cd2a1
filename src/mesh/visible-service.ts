import { changedKeys, memo, memo2, memo3, patchMap } from "../lib/index.ts";
import { ruleFor, type RuleClient } from "./destination-rule-lookup.ts";
import type { RuleIndex } from "./destination-rule.ts";
import { noEndpoints } from "./endpoint.ts";
import { keepMap, sameContent } from "./sharing.ts";
import type { AppliedDestinationRule, EndpointSet, MeshSettings, MtlsMode, Service, VisibleService } from "./types.ts";

/** What clients must know of a service's endpoints without knowing the endpoints. */
export interface Peers {
  readonly serviceAccounts: readonly string[];
  readonly allMesh: boolean; // there are endpoints, and every one speaks mesh mTLS
}

export type PeerIndex = ReadonlyMap<Service, Peers>;

/** The same map while endpoints come and go without a change of their accounts. `previous` was made of the endpoints `before`. */
export function buildPeers(endpoints: Endpoints, previous?: PeerIndex, before?: Endpoints): PeerIndex {
  const peersOf = (service: Service): readonly [Service, Peers] => {
    const next = peersFor(endpoints.get(service) ?? noEndpoints);
    const old = previous?.get(service);
    return [service, old && sameContent(old, next) ? old : next];
  };
  const changed = before && changedKeys(before, endpoints);
  if (previous && changed) return patchMap(previous, changed.map(peersOf));
  return keepMap(previous, new Map([...endpoints.keys()].map(peersOf)));
}

type Endpoints = ReadonlyMap<Service, EndpointSet>;

const peersFor = memo(({ endpoints, serviceAccounts }: EndpointSet): Peers =>
  Object.freeze({ serviceAccounts, allMesh: endpoints.length > 0 && endpoints.every((e) => e.meshMtls) }),
);

/** All that decides how services are seen. The same object while nothing of it changes. */
export interface Sight {
  readonly settings: MeshSettings;
  readonly rules: RuleIndex;
  readonly modes: ReadonlyMap<string, MtlsMode>; // by namespace; "" is the mesh
  readonly peers: PeerIndex;
}

/** These services as a client sees them. Clients that see the same of a service get the same VisibleService. */
export function visibleServices(
  sight: Sight,
  services: readonly Service[],
  client: RuleClient,
): readonly VisibleService[] {
  const known = seen(sight, services);
  const key = JSON.stringify([client.namespace, client.labels]);
  let list = known.get(key);
  if (!list) known.set(key, (list = Object.freeze(services.map((service) => visibleService(sight, service, client)))));
  return list;
}

const seen = memo2((_sight: Sight, _services: readonly Service[]) => new Map<string, readonly VisibleService[]>());

const noRule = Object.freeze({});
const noPeers: Peers = Object.freeze({ serviceAccounts: [], allMesh: false });

function visibleService(sight: Sight, service: Service, client: RuleClient): VisibleService {
  const rule = ruleFor(sight.rules, client, service);
  const inferred = sight.modes.get(service.namespace) ?? sight.modes.get("") ?? "PERMISSIVE";
  const mode = sight.settings.autoMtls && !service.meshExternal ? inferred : "DISABLE";
  const peers = sight.peers.get(service) ?? noPeers;
  return (byMode(service, rule ?? noRule, peers)[mode] ??= buildVisible(service, rule, peers, mode));
}

const byMode = memo3((_service: Service, _rule: AppliedDestinationRule | typeof noRule, _peers: Peers): ByMode => ({}));

type ByMode = Partial<Record<MtlsMode, VisibleService>>;

function buildVisible(
  service: Service,
  rule: AppliedDestinationRule | undefined,
  peers: Peers,
  mode: MtlsMode,
): VisibleService {
  const modes = service.ports.map(({ number }) => {
    const plain = isPassthrough(service, rule, number) && !peers.allMesh;
    return [number, plain ? "DISABLE" : mode] as const;
  });
  return Object.freeze({
    service,
    ...(rule && { rule }),
    mtls: Object.freeze(Object.fromEntries(modes)),
    serviceAccounts: peers.serviceAccounts,
  });
}

/** Whether the client connects to the address the app asked for: then nothing tells which endpoint it is, and all must speak mTLS (BestEffortInferServiceMTLSMode). */
function isPassthrough(service: Service, rule: AppliedDestinationRule | undefined, port: number): boolean {
  if (service.resolution === "NONE") return true;
  const policy = rule?.trafficPolicy;
  const ofPort = policy?.portLevelSettings?.find((settings) => settings.port?.number === port);
  return (ofPort ?? policy)?.loadBalancer?.simple === "PASSTHROUGH";
}
