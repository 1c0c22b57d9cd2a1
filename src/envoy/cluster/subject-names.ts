import {
  SubjectAltNameMatcher_SanType as Type,
  type SubjectAltNameMatcher,
} from "../../../generated/envoy/extensions/transport_sockets/tls/v3/common.ts";
import { isIpAddress } from "../endpoint/address.ts";

/** Matchers that accept exactly these names in a certificate, each in the kind of name it is: URI, IP, email or DNS. */
export function buildNameMatchers(names: readonly string[]): SubjectAltNameMatcher[] {
  return names.map((name) => ({ sanType: typeOf(name), matcher: { exact: name, ignoreCase: false }, oid: "" }));
}

function typeOf(name: string): Type {
  if (name.includes("://")) return Type.URI;
  if (name.includes("@")) return Type.EMAIL;
  return isIpAddress(name) ? Type.IP_ADDRESS : Type.DNS;
}
