import { isNamed } from "../alias.ts";
import { memo, memo3 } from "../../lib/index.ts";
import type { FieldPath, MeshObject } from "../../model/index.ts";
import type { RuleIndex } from "../destination-rule.ts";
import { ruleFor } from "../destination-rule-lookup.ts";
import { isVisible } from "../export.ts";
import { isSubsetOf, resolveShortName } from "../host.ts";
import { noLabels } from "../labels.ts";
import { servicesByHost, wildcardServices } from "../registry.ts";
import type { Service } from "../types.ts";
import { codes, type Finding } from "./finding.ts";
import { meantBy } from "./short-names.ts";

type RuleObject = MeshObject<"VirtualService">;
type Destination = Readonly<{ host: string; subset?: string; port?: Readonly<{ number?: number }> }>;

/** Destinations of VirtualServices that are not there: a service, a subset, a port. The rest of the VirtualService works; these requests get 503. */
export const missingDestinations = memo3(
  (services: readonly Service[], rules: RuleIndex, objects: readonly RuleObject[]): readonly Finding[] =>
    objects.flatMap((object) => ofObject(services, rules, object)),
);

const ofObject = memo3((services: readonly Service[], rules: RuleIndex, object: RuleObject): readonly Finding[] => {
  const findings: Finding[] = [];
  for (const [path, destination] of destinationsOf(object)) {
    const finding = missingDestination(services, rules, object.metadata.namespace, destination);
    if (finding) findings.push({ object, ...finding, path: ["spec", ...path, ...finding.path] });
  }
  return findings;
});

const destinationsOf = memo((object: RuleObject) => [...eachDestination(object)]);

function* eachDestination({ spec }: RuleObject): Iterable<readonly [FieldPath, Destination]> {
  for (const [i, rule] of (spec.http ?? []).entries()) {
    if (rule.mirror) yield [["http", i, "mirror"], rule.mirror];
    for (const [j, mirror] of (rule.mirrors ?? []).entries()) {
      yield [["http", i, "mirrors", j, "destination"], mirror.destination];
    }
  }
  for (const protocol of ["http", "tls", "tcp"] as const) {
    for (const [i, rule] of (spec[protocol] ?? []).entries()) {
      for (const [j, route] of (rule.route ?? []).entries()) {
        yield [[protocol, i, "route", j, "destination"], route.destination];
      }
    }
  }
}

type Found = Omit<Finding, "object">;

/** What of a destination is not there, as a namespace sees the mesh. */
export function missingDestination(
  services: readonly Service[],
  rules: RuleIndex,
  namespace: string,
  destination: Destination,
): Found | undefined {
  const host = resolveShortName(destination.host, namespace, rules.inputs[0].domain);
  const service = serviceFor(services, namespace, host);
  if (!service) return noService(host, namespace, meantBy(services, rules.inputs[0], destination.host));
  const { subset } = destination;
  if (
    subset &&
    !ruleFor(rules, { namespace, labels: noLabels }, service)?.subsets.some(({ name }) => name === subset)
  ) {
    const message = `no DestinationRule that applies to ${host} has a subset "${subset}"`;
    return { code: codes.missingReference, path: ["subset"], message };
  }
  return checkPort(service, destination.port?.number);
}

function checkPort(service: Service, number: number | undefined): Found | undefined {
  const ports = service.ports.map((port) => port.number);
  if (number !== undefined) {
    if (ports.includes(number)) return undefined;
    const message = `${service.hostname} has no port ${number}`;
    return { code: codes.missingPort, path: ["port", "number"], message, hint: `its ports are ${ports.join(", ")}` };
  }
  if (ports.length < 2) return undefined;
  const message = `${service.hostname} has several ports, and none is chosen: the port that the request came for is used`;
  return { code: codes.portNeeded, path: [], message, hint: `choose one of ${ports.join(", ")}`, level: "info" };
}

function noService(host: string, namespace: string, meant: string | undefined): Found {
  const message = `there is no service ${host} that namespace ${namespace} can see`;
  const hint = meant !== undefined && meant !== host ? { hint: `did you mean ${meant}?` } : {};
  return { code: codes.missingReference, path: ["host"], message, ...hint };
}

/** The service of a host as a namespace sees it, a wildcard ServiceEntry included. */
function serviceFor(services: readonly Service[], namespace: string, host: string): Service | undefined {
  const byHost = servicesByHost(services);
  const visible = (service: Service) => isVisible(service.exportTo, service.namespace, namespace);
  const exact = byHost.get(host)?.find(visible);
  const alias = exact
    ? undefined
    : services.find((service) => service.aliases && isNamed(service, host) && visible(service));
  return exact ?? alias ?? wildcardServices(services).find((s) => isSubsetOf(host, s.hostname) && visible(s));
}
