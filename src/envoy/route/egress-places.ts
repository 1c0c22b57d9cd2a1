import { memo, memoNamed } from "../../lib/index.ts";
import type { Scope } from "../../mesh/index.ts";
import { DomainClaims, domainsFor } from "./domains.ts";
import { isRoutable, planPort, type ServicePlace } from "./plan.ts";

const httpPort = 80;

/** The places of services on the HTTP port of an egress listener: ports that are declared as something else than HTTP have none. */
export const egressPlaces = memoNamed((scope: Scope, port: string): readonly ServicePlace[] => {
  const number = Number(port);
  const services = scope.services.map(({ service }) => service);
  const routable = services.filter(({ ports }) => ports.some((one) => one.number === number && isRoutable(one)));
  return planPort(routable, number, scope.namespace, contextOf(scope));
});

/**
 * The places of services on a socket or an HTTP proxy: on each of their ports, which a request names behind the host; where it names none, 80
 * is meant.
 */
export const allPlaces = memoNamed((scope: Scope, routeName: string): readonly ServicePlace[] => {
  const claims = new DomainClaims();
  return scope.services.flatMap(({ service }) =>
    service.ports.filter(isRoutable).flatMap(({ number: port }): ServicePlace[] => {
      const domains = claims.claim(withPort(domainsFor(service, scope))(port));
      const place = { ...contextOf(scope), routeName, host: service.hostname, port, service };
      return domains.length === 0 ? [] : [{ ...place, domains }];
    }),
  );
});

/** What a request may write for a port: the same list for the same names and port. */
const withPort = memo((names: readonly string[]) => {
  const lists = new Map<number, readonly string[]>();
  return (port: number): readonly string[] => {
    const named = names.map((name) => `${name}:${port}`);
    const list = lists.get(port) ?? Object.freeze(port === httpPort ? [...names, ...named] : named);
    lists.set(port, list);
    return list;
  };
});

function contextOf({ settings, byHostname, destinations = byHostname }: Scope) {
  return { settings, byHostname: destinations };
}
