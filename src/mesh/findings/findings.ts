import { ofKind } from "../objects.ts";
import type { SnapshotParts } from "../snapshot-index.ts";
import { unknownWords } from "./annotations.ts";
import { idleRules } from "./destination-rules.ts";
import { missingDelegates, missingDestinations } from "./destinations.ts";
import type { Finding } from "./finding.ts";
import { idleRoutes } from "./idle-routes.ts";
import { idleMeshConfigs, idlePolicies, idleSidecars, selectorsOfNobody } from "./policies.ts";
import { shadowedServices } from "./services.ts";
import { duplicateHosts } from "./virtual-service-hosts.ts";

type Analyzer = (parts: SnapshotParts) => readonly Finding[];

/** What is looked for between objects, in the order it is reported. Each remembers what it found while its input is the same. */
const analyzers: readonly Analyzer[] = [
  ({ sight, objects }) => idleMeshConfigs(sight.settings, ofKind(objects, "MeshConfig")), // what all else depends on
  ({ registry }) => shadowedServices(registry.entries), // then who there is
  ({ virtualServices }) => duplicateHosts(virtualServices.all), // then where requests go
  ({ registry, virtualServices }) => idleRoutes(registry.services, virtualServices.all),
  ({ rules, objects }) => missingDelegates(rules, ofKind(objects, "VirtualService")),
  ({ registry, rules, objects }) => missingDestinations(registry.services, rules, ofKind(objects, "VirtualService")),
  ({ registry, rules }) => idleRules(registry.services, rules), // then how
  ({ sight, objects }) => idlePolicies(sight.settings, ofKind(objects, "PeerAuthentication")),
  ({ workloads, objects }) => selectorsOfNobody(workloads, ofKind(objects, "PeerAuthentication")),
  ({ sight, objects }) => idleSidecars(sight.settings, ofKind(objects, "Sidecar")),
  ({ objects }) => unknownWords(ofKind(objects, "Namespace")), // then what is particular to one namespace or workload
  ({ objects }) => unknownWords(ofKind(objects, "Pod")),
  ({ objects }) => unknownWords(ofKind(objects, "WorkloadEntry")),
];

export function findingsOf(parts: SnapshotParts): readonly Finding[] {
  return analyzers.flatMap((analyze) => analyze(parts));
}
