import { HeaderMatcher } from "../../../generated/envoy/config/route/v3/route_components.ts";
import { asksPresence, buildStringMatcher, type StringMatch } from "./string-match.ts";

/** What a header (or a pseudo-header such as `:method`) must say; an empty match asks no more than that it is there. */
export function buildHeaderMatcher(name: string, value: StringMatch): HeaderMatcher {
  return HeaderMatcher.fromPartial(
    asksPresence(value) ? { name, presentMatch: true } : { name, stringMatch: buildStringMatcher(value) },
  );
}
