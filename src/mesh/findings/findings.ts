import { ofKind } from "../objects.ts";
import type { SnapshotParts } from "../snapshot-index.ts";
import { unknownWords } from "./annotations.ts";
import { knownGateways, missingClientCredentials } from "./client-credentials.ts";
import { idleRules } from "./destination-rules.ts";
import { idleDelegates } from "./delegates.ts";
import { missingDestinations } from "./destinations.ts";
import { missingEgressProxies } from "./egress-proxies.ts";
import { entryAddresses } from "./entry-addresses.ts";
import { entryProtocols } from "./entry-protocols.ts";
import type { Finding } from "./finding.ts";
import { secondCatchAlls } from "./gateway-catch-alls.ts";
import { repeatedCertificates } from "./gateway-certificates.ts";
import { gatewayPorts } from "./gateway-ports.ts";
import { gatewayRoutes } from "./gateway-routes.ts";
import { subsetsPassedBy } from "./gateway-subsets.ts";
import { idleRoutes } from "./idle-routes.ts";
import { entryOverlaps } from "./entry-overlaps.ts";
import { gatewayReferences } from "./gateway-references.ts";
import { gatewayConflicts, gatewaysOfNobody, missingCredentials } from "./gateways.ts";
import { idleServerTls } from "./idle-tls.ts";
import { injectionLabels, missingSidecars } from "./injection.ts";
import { mtlsConflicts } from "./mtls-conflicts.ts";
import { endedApps, podUsers } from "./pods.ts";
import { idleMeshConfigs, idlePolicies, idleSidecars } from "./policies.ts";
import { rateLimitServices, rateLimitsOfNobody } from "./rate-limits.ts";
import { missingPorts } from "./rule-ports.ts";
import { selectorsOfNobody, sidecarsOfOneWorkload } from "./selectors.ts";
import { portsOfSidecars } from "./sidecar-ports.ts";
import { portProtocols, servicePorts } from "./service-ports.ts";
import { shadowedServices } from "./services.ts";
import { shortHosts } from "./short-names.ts";
import { takenBinds } from "./sidecar-binds.ts";
import { missingImports } from "./sidecar-hosts.ts";
import { unservedIngress } from "./sidecar-ingress.ts";
import { sourcesOfNobody } from "./sources.ts";
import { idleSubsets } from "./subsets.ts";
import { targetPorts } from "./target-ports.ts";
import { unverifiedServers } from "./unverified-servers.ts";
import { duplicateHosts } from "./virtual-service-hosts.ts";

type Analyzer = (parts: SnapshotParts) => readonly Finding[];

/** What is looked for between objects, in the order it is reported. Each remembers what it found while its input is the same. */
const analyzers: readonly Analyzer[] = [
  ({ sight, objects }) => idleMeshConfigs(sight.settings, ofKind(objects, "MeshConfig")), // what all else depends on
  ({ registry }) => shadowedServices(registry.entries), // then who there is
  ({ registry }) => entryOverlaps(registry),
  ({ registry }) => servicePorts(registry.services),
  ({ registry }) => portsOfSidecars(registry.services),
  ({ objects }) => portProtocols(ofKind(objects, "Service")),
  ({ objects }) => targetPorts(ofKind(objects, "Service")),
  ({ objects }) => entryAddresses(ofKind(objects, "ServiceEntry")),
  ({ sight, objects }) => entryProtocols(sight.settings, ofKind(objects, "ServiceEntry")),
  ({ virtualServices }) => duplicateHosts(virtualServices.all), // then where requests go
  ({ objects, virtualServices }) => secondCatchAlls(ofKind(objects, "Gateway"), virtualServices.all),
  ({ workloads, objects }) => sourcesOfNobody(workloads, ofKind(objects, "VirtualService")),
  ({ registry, virtualServices }) => idleRoutes(registry.services, virtualServices.all),
  ({ sight, objects }) => idleDelegates(sight.settings, ofKind(objects, "VirtualService")),
  ({ registry, rules, objects }) => missingDestinations(registry.services, rules, ofKind(objects, "VirtualService")),
  ({ registry, sight, objects }) => shortHosts(registry.services, sight.settings, ofKind(objects, "VirtualService")),
  ({ sight, objects }) =>
    gatewayReferences(sight.settings, ofKind(objects, "Gateway"), ofKind(objects, "VirtualService")),
  ({ objects, virtualServices }) => gatewayRoutes(ofKind(objects, "Gateway"), virtualServices.all),
  ({ workloads, objects }) => gatewaysOfNobody(workloads, ofKind(objects, "Gateway")), // and where they come in
  ({ workloads, objects }) => missingCredentials(workloads, ofKind(objects, "Secret"), ofKind(objects, "Gateway")),
  ({ workloads, objects }) => gatewayPorts(workloads, ofKind(objects, "Service"), ofKind(objects, "Gateway")),
  ({ objects }) => gatewayConflicts(ofKind(objects, "Gateway")),
  ({ objects }) => repeatedCertificates(ofKind(objects, "Gateway")),
  ({ sight, objects }) => subsetsPassedBy(sight.settings, ofKind(objects, "VirtualService")),
  ({ registry, rules }) => idleRules(registry.services, rules), // then how
  ({ workloads, objects }) =>
    missingClientCredentials(
      knownGateways(workloads, ofKind(objects, "Gateway")),
      ofKind(objects, "Secret"),
      ofKind(objects, "DestinationRule"),
    ),
  ({ registry, rules }) => missingPorts(registry.services, rules),
  ({ objects }) => unverifiedServers(ofKind(objects, "DestinationRule")),
  ({ registry, rules, endpoints }) => idleSubsets(registry.services, rules, endpoints.byService),
  ({ rules, endpoints, peerAuthentications }) => mtlsConflicts(rules, endpoints.byService, peerAuthentications),
  ({ sight, objects }) => idlePolicies(sight.settings, ofKind(objects, "PeerAuthentication")),
  selectorsOfNobody("PeerAuthentication"),
  selectorsOfNobody("DestinationRule"),
  ({ workloads, sight, objects }) => rateLimitsOfNobody(workloads, sight.settings, ofKind(objects, "RateLimit")),
  ({ registry, sight, objects }) => rateLimitServices(registry.services, sight.settings, ofKind(objects, "RateLimit")),
  selectorsOfNobody("ServiceEntry"),
  selectorsOfNobody("Sidecar"),
  ({ workloads, objects }) => sidecarsOfOneWorkload(workloads, ofKind(objects, "Sidecar")),
  ({ peerAuthentications, objects }) => idleServerTls(peerAuthentications, ofKind(objects, "Sidecar")),
  ({ workloads, endpoints, objects }) => takenBinds(workloads, endpoints.byService, ofKind(objects, "Sidecar")),
  ({ registry, rules, objects }) => missingEgressProxies(registry.services, rules, ofKind(objects, "Sidecar")),
  ({ workloads, served, objects }) => unservedIngress(workloads, served, ofKind(objects, "Sidecar")),
  ({ registry, virtualServices, objects }) =>
    missingImports(registry.services, virtualServices.all, ofKind(objects, "Sidecar")),
  ({ sight, objects }) => idleSidecars(sight.settings, ofKind(objects, "Sidecar")),
  ({ objects }) => unknownWords(ofKind(objects, "Namespace")), // then what is particular to one namespace or workload
  ({ objects }) => injectionLabels(ofKind(objects, "Namespace")),
  ({ objects }) => unknownWords(ofKind(objects, "Pod")),
  ({ objects }) => podUsers(ofKind(objects, "Pod")),
  ({ objects }) => endedApps(ofKind(objects, "Pod")),
  ({ objects }) => unknownWords(ofKind(objects, "WorkloadEntry")),
];

export function findingsOf(parts: SnapshotParts): readonly Finding[] {
  return analyzers.flatMap((analyze) => analyze(parts));
}

/** What is worth telling of a cluster, where a pod has a sidecar only if it was injected. */
export function clusterFindingsOf({ objects }: SnapshotParts): readonly Finding[] {
  return missingSidecars(ofKind(objects, "Namespace"), ofKind(objects, "Pod"));
}
