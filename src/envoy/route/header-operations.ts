import {
  HeaderValueOption,
  HeaderValueOption_HeaderAppendAction,
} from "../../../generated/envoy/config/core/v3/base.ts";
import { byCodeUnit } from "../../lib/index.ts";
import type { HttpRoute } from "../../model/index.ts";

type Headers = NonNullable<HttpRoute["headers"]>;
type Operations = NonNullable<Headers["request"]>;

/** The fields that Envoy's Route and ClusterWeight have in common. */
export interface HeaderFields {
  readonly requestHeadersToAdd: HeaderValueOption[];
  readonly requestHeadersToRemove: string[];
  readonly responseHeadersToAdd: HeaderValueOption[];
  readonly responseHeadersToRemove: string[];
}

/** `set` first, then `add`, each by name. https://istio.io/latest/docs/reference/config/networking/virtual-service/#Headers-HeaderOperations */
export function buildHeaderFields(headers: Headers | undefined): HeaderFields {
  return {
    requestHeadersToAdd: buildAdditions(headers?.request),
    requestHeadersToRemove: removals(headers?.request),
    responseHeadersToAdd: buildAdditions(headers?.response),
    responseHeadersToRemove: removals(headers?.response),
  };
}

/** The route's operations, then its destination's. */
export function joinHeaderFields(first: HeaderFields, second: HeaderFields): HeaderFields {
  return {
    requestHeadersToAdd: [...first.requestHeadersToAdd, ...second.requestHeadersToAdd],
    requestHeadersToRemove: [...first.requestHeadersToRemove, ...second.requestHeadersToRemove],
    responseHeadersToAdd: [...first.responseHeadersToAdd, ...second.responseHeadersToAdd],
    responseHeadersToRemove: [...first.responseHeadersToRemove, ...second.responseHeadersToRemove],
  };
}

/** The value that `Host` or `:authority` of a request is set to: Envoy rewrites it by the route, not as a header. */
export function authorityIn(headers: Headers | undefined): string | undefined {
  for (const values of [headers?.request?.set, headers?.request?.add]) {
    const found = Object.entries(values ?? {}).find(([name]) => /^(host|:authority)$/i.test(name));
    if (found?.[1]) return found[1];
  }
  return undefined;
}

function buildAdditions(operations: Operations | undefined): HeaderValueOption[] {
  const { OVERWRITE_IF_EXISTS_OR_ADD, APPEND_IF_EXISTS_OR_ADD } = HeaderValueOption_HeaderAppendAction;
  return [
    ...buildOptions(operations?.set, OVERWRITE_IF_EXISTS_OR_ADD),
    ...buildOptions(operations?.add, APPEND_IF_EXISTS_OR_ADD),
  ];
}

function buildOptions(
  values: Operations["set"],
  appendAction: HeaderValueOption_HeaderAppendAction,
): HeaderValueOption[] {
  const named = Object.entries(values ?? {}).filter(([key]) => !isReserved(key));
  const sorted = named.sort(([a], [b]) => byCodeUnit(a, b));
  return sorted.map(([key, value]) => HeaderValueOption.fromPartial({ header: { key, value }, appendAction }));
}

function removals(operations: Operations | undefined): string[] {
  return (operations?.remove ?? []).filter((name) => !isReserved(name));
}

/** Envoy refuses a whole virtual host that touches one of these. */
function isReserved(name: string): boolean {
  return name.startsWith(":") || name.toLowerCase() === "host";
}
